/** Half a surrogate pair, as in a text that was cut off: UTF-8 cannot say it. */
const UNSAYABLE = /[%\0]|\p{Surrogate}/gu;

/**
 * A text that records are looked for by, so that the database tells apart what we tell apart: NUL ends a text for some, and half
 * a surrogate pair is none. Nearly every key is the text itself.
 */
export function keyText(text: string): string {
  return text.replace(UNSAYABLE, (character) => `%${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function keyTextOrNull(text: string | null): string | null {
  return text === null ? null : keyText(text);
}
