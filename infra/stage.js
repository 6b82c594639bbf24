/**
 * Resolves `provider.stage`, which osls needs before all other variables. Stops at a `--param` without a value, such as one with an
 * empty shell variable: osls would repeat its message for every use of every parameter.
 */
export function stage({ options }) {
  const invalid = options.param?.find((each) => !/^[^=]+=./.test(each));
  if (invalid === undefined) return options.stage ?? 'dev';
  const error = new Error();
  // osls prints the stack.
  error.stack = `The option --param="${invalid}" has no value. Write --param="name=value", or leave the parameter out.`;
  throw error;
}
