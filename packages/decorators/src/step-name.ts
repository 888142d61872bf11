/**
 * The name of a method's event, as Nova's readers know it: `compute` and `rebootInstance` make
 * `compute_reboot_instance`. A private method keeps its mark: `_doBuild` and `#doBuild` make `compute__do_build`.
 */
export function stepName(prefix: string, methodName: string): string {
  const snakeCase = methodName
    .replace(/[^\p{L}\p{N}_]/gu, '_')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1_$2')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .toLowerCase();
  return `${prefix}_${snakeCase}`;
}

/** The same for one prefix, worked out once for each method. */
export function stepNames(prefix: string): (methodName: string) => string {
  const names = new Map<string, string>();
  return (methodName) => {
    const known = names.get(methodName);
    if (known !== undefined) return known;
    const name = stepName(prefix, methodName);
    names.set(methodName, name);
    return name;
  };
}
