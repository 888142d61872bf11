import type { SchemaIssue } from './driver-definition.js';

/** What zod says of an issue beside its message. Other schemas say what is accepted in the message itself. */
interface IssueFacts extends SchemaIssue {
  readonly code?: unknown;
  readonly expected?: unknown;
  readonly values?: unknown;
  readonly origin?: unknown;
  readonly minimum?: unknown;
  readonly maximum?: unknown;
  readonly inclusive?: unknown;
  readonly divisor?: unknown;
  readonly format?: unknown;
  readonly errors?: unknown;
}

/** How zod begins where the schema has no words of its own. */
const ZODS_OWN = /^(?:Invalid|Too (?:small|big)|Unrecognized)\b/;

const typeWords: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a bigint',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
  undefined: 'nothing',
  null: 'null',
};

const sizeWords: Readonly<Record<string, string>> = { string: ' characters', array: ' entries', set: ' entries' };

/** Which values a schema accepts where it has an issue, to follow `accepted:`. Always in words of ours. */
export function acceptedWords(issue: SchemaIssue): string {
  const { message, code, expected, values, inclusive, minimum, maximum, divisor, format, errors } = issue as IssueFacts;
  if (!ZODS_OWN.test(message)) return message;
  const unit = sizeWords[String((issue as IssueFacts).origin)] ?? '';
  switch (code) {
    case 'invalid_type':
      return typeWords[String(expected)] ?? `a value of the type ${String(expected)}`;
    case 'invalid_value':
      return listed(values, (value) => (typeof value === 'string' ? value : String(value)));
    case 'too_small':
      return inclusive === false ? `more than ${String(minimum)}${unit}` : `${String(minimum)}${unit} or more`;
    case 'too_big':
      return inclusive === false ? `less than ${String(maximum)}${unit}` : `${String(maximum)}${unit} or less`;
    case 'not_multiple_of':
      return `a multiple of ${String(divisor)}`;
    case 'invalid_format':
      return format === 'regex' ? 'a text of another form' : `a text of the form ${String(format)}`;
    case 'invalid_union':
      return listed(errors, (branch) => acceptedWords((branch as readonly SchemaIssue[])[0] ?? { message: 'Invalid' }));
    default:
      return 'another value';
  }
}

function listed(values: unknown, words: (value: unknown) => string): string {
  const all = Array.isArray(values) ? [...new Set(values.map((value: unknown) => words(value)))] : [];
  return all.length === 0 ? 'another value' : all.join(' or ');
}
