/** A phrase to avoid, what to write instead, and a sentence on either side. In `caught`, `~` keeps this file from matching. */
export interface ProsePattern {
  readonly avoid: RegExp;
  readonly write: string;
  readonly caught: string;
  readonly fair: string;
}

export const PROSE_PATTERNS: readonly ProsePattern[] = [
  {
    avoid: /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more than\b|less than\b|different\b|one\b)[a-z]/i,
    write: 'is not a',
    caught: 'A receipt is~ no link.',
    fair: 'There is no such route, and the old one is no longer served.',
  },
  {
    avoid: /(?<!\bthere )\b(?:is|are|was|were) none\b/i,
    write: 'is not one',
    caught: 'Rejects a link that is~ none.',
    fair: 'Returns undefined if there is none, and none of the messages is lost.',
  },
  {
    avoid: /\bof ours\b/i,
    write: 'from this relay',
    caught: 'The message is one of~ ours.',
    fair: 'This is one of our own keys, and the limit is a matter of hours.',
  },
  { avoid: /\bfor ever\b/i, write: 'indefinitely', caught: 'Kept for~ ever.', fair: 'Kept for every source.' },
  {
    avoid: /\bso manieth\b|\bso many\b(?! that\b)/i,
    write: 'N',
    caught: 'Deleted after so~ many days.',
    fair: 'There are so many that the list is truncated.',
  },
  {
    avoid: /\bwhat (?:is|are|was|were|has been|have been) (?:held|gone|lost|open|t[o]ld|closed)\b/i,
    write: 'held opt-outs, lost messages, …',
    caught: 'Releases what is~ held.',
    fair: 'Says what is missing.',
  },
  {
    avoid: /\b(?:lets?|letting) (?:it |them |him |her |nobody |somebody |anybody )?(?:go|in)\b/i,
    write: 'releases, accepts',
    caught: 'It lets~ go an opt-out and lets~ nobody in.',
    fair: 'It lets Google verify the domain.',
  },
  {
    avoid: /\bmend(?:s|ed|ing)?\b/i,
    write: 'fix',
    caught: 'Men~d the cause.',
    fair: 'This is the recommended setting.',
  },
  {
    avoid: /\bt(?:old|ells?|elling)\b/i,
    write: 'sent, called, reported',
    caught: 'HubSpot is to~ld.',
    fair: 'HubSpot is called, intelligently.',
  },
  {
    avoid: /\bhear(?:s|d)?\b/i,
    write: 'receives, received',
    caught: 'When the relay hea~rd of it.',
    fair: 'When the relay read the header.',
  },
  {
    avoid: /\bwho(?:m)?ever\b/i,
    write: 'a caller that, anyone who',
    caught: 'Who~ever has the key can sign.',
    fair: 'Anyone who ever had the key can sign.',
  },
  {
    avoid: /\b(?:stands?|stood|standing) (?:in|at|behind|beside|before|on|there|among|under)\b/i,
    write: 'is in, follows',
    caught: 'The name stands~ in the header.',
    fair: 'MIME stands for Multipurpose Internet Mail Extensions.',
  },
  { avoid: /\bbesides\b/i, write: 'also', caught: 'How many there are besi~des.', fair: 'It signs on both sides.' },
  { avoid: /\bat hand\b/i, write: 'current', caught: 'The command at~ hand.', fair: 'Read at handler start.' },
  {
    avoid: /\ball the same(?! [a-z])/i,
    write: 'anyway',
    caught: 'They completed all~ the same.',
    fair: 'They have all the same shape.',
  },
  { avoid: /\bonce more\b/i, write: 'again', caught: 'Sent once~ more.', fair: 'Sent more than once.' },
  {
    avoid: /\bturn(?:s|ed|ing)? (?:\w+ )?away\b/i,
    write: 'rejected',
    caught: 'It turns~ it away.',
    fair: 'It turns the tracking off right away.',
  },
  {
    avoid: /\bputs? off\b/i,
    write: 'deferred',
    caught: 'The opt-out is put~ off.',
    fair: 'The attempt is put on the queue with an offset.',
  },
  {
    avoid: /\blooks? (?:whether|if)\b/i,
    write: 'checks',
    caught: 'It looks~ whether it is so.',
    fair: 'It looks up the id and checks whether it exists.',
  },
  {
    avoid: /\bin the course of\b/i,
    write: 'during',
    caught: 'In~ the course of a run.',
    fair: 'Of course, during a run.',
  },
  {
    avoid: /\bOf (?:the|a|an|its|our|these|those|what|each|every|several)\b/,
    write: 'the subject first',
    caught: 'It is read. Of~ the two the first counts.',
    fair: 'Most of the two lists. Official.',
  },
  {
    avoid: /\bforg[eo]t(?:s|ten|ting)?\b/i,
    write: 'erase',
    caught: 'The contact is for~gotten.',
    fair: 'The contact is erased, and a forged request is rejected.',
  },
  {
    avoid: /\b(?:the|a) brake\b|\bgraveyard\b|\bdeeds?\b/i,
    write: 'surge limit, tombstones, action',
    caught: 'The~ brake holds it.',
    fair: 'The circuit breaker indeed holds it.',
  },
  {
    avoid: /(?<!["'])\be-mails?\b(?!["'])/,
    write: 'email',
    caught: 'The e-~mail address.',
    fair: 'The email address in the column E-mail, which may be "e-mail" too.',
  },
  {
    avoid: /\b(?:behavio|colo|neighbo|hono|favo|licen)(?:ur|ce)\w*/i,
    write: 'American English',
    caught: 'The behavi~our is defined.',
    fair: 'The behavior is defined.',
  },
];
