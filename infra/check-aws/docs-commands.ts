import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const FILES = ['README.md', 'docs/**/*.md', 'infra/*.yml', 'cli/**/*.ts'];

/** A command of the AWS CLI in a text. */
export interface Command {
  readonly file: string;
  readonly line: number;
  /** Its words after `aws`. A variable, a file or a nested command is replaced by `PLACEHOLDER`. */
  readonly words: readonly string[];
}

/** Stands for a value that is known when the command runs. As long as a UUID, which some parameters require. */
const PLACEHOLDER = '00000000-0000-0000-0000-000000000000';

/** Returns a line for each command that the AWS CLI would reject. */
export async function rejectedCommands(
  bin: string,
): Promise<{ readonly count: number; readonly lines: readonly string[] }> {
  const files = globSync(FILES, { cwd: ROOT });
  const commands = files.flatMap((file) => commandsIn(readFileSync(join(ROOT, file), 'utf8'), file));
  const reasons = await ask(bin, commands);
  const lines = commands.flatMap(({ file, line, words }, index) => {
    const reason = reasons[index];
    return reason ? [`${file}:${line}: aws ${words.slice(0, 2).join(' ')}: ${reason}`] : [];
  });
  return { count: commands.length, lines };
}

function ask(bin: string, commands: readonly Command[]): Promise<readonly (string | null)[]> {
  const script = join(import.meta.dirname, 'docs_commands.py');
  return new Promise((resolve, reject) => {
    const child = execFile(join(bin, 'python'), [script], (error, stdout, stderr) => {
      if (error) reject(new Error(`docs_commands.py failed: ${stderr}`));
      else resolve(JSON.parse(stdout));
    });
    child.stdin?.end(JSON.stringify(commands.map(({ words }) => words)));
  });
}

/** Finds the commands of the AWS CLI in a text, also in `$(…)` of other commands. */
export function commandsIn(text: string, file: string): readonly Command[] {
  return [...text.matchAll(/(?<![\w./-])aws (?=[a-z0-9]+ [a-z]+-[a-z])|(?<=`)aws (?=[a-z0-9]+ [a-z]+\b)/g)].map(
    ({ index }) => ({
      file,
      line: text.slice(0, index).split('\n').length,
      words: wordsOf(text.slice(index + 'aws '.length)),
    }),
  );
}

/** The parts of a shell word. Everything else ends the command, such as a line break, a pipe or the backtick of Markdown. */
const PART =
  /\\\n[ \t]*|[ \t]+|'[^']*'|"(?:[^"\\]|\\.|\$\((?:[^()]|\([^()]*\))*\))*"|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^}]*\}|\$\w+|<[\w-]+>|[^\s'"$`;|&<>()\\]+/y;

function wordsOf(text: string): readonly string[] {
  const words = [''];
  PART.lastIndex = 0;
  for (let match = PART.exec(text); match !== null; match = PART.exec(text)) {
    const [part] = match;
    if (/^\\?\s/.test(part)) words.push('');
    else words[words.length - 1] += textOf(part);
  }
  return words.filter((word) => word !== '');
}

function textOf(part: string): string {
  if (part.startsWith("'")) return part.slice(1, -1);
  const text = part.startsWith('"') ? part.slice(1, -1) : part;
  return text
    .replaceAll(/\$\{\w+:\+[^}]*\}/g, '')
    .replaceAll(/file:\/\/\S+|\$\((?:[^()]|\([^()]*\))*\)|\$\{[^}]*\}|\$\w+|^<[\w-]+>$/g, PLACEHOLDER);
}
