/** The text in an array of C chars, which a 0 ends before the array does. */
export function nativeString(chars: Uint8Array): string {
  const end = chars.indexOf(0);
  return Buffer.from(chars.subarray(0, end < 0 ? undefined : end)).toString();
}
