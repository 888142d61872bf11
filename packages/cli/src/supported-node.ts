/** What package.json says under `engines`. */
const leastVersion = '22.13.0';

/** Why this Node cannot run the command, or `undefined`: better said than found out in the middle. */
export function nodeProblem(version: string): string | undefined {
  const isSupported = version.localeCompare(leastVersion, 'en', { numeric: true }) >= 0;
  return isSupported ? undefined : `virtkit needs Node ${leastVersion} or newer; this is Node ${version}`;
}
