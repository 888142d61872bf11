/**
 * npm takes the options behind `npm start` for its own and gives the script the rest. It leaves them in the environment:
 * `--driver libvirt` becomes `npm_config_driver=true` and the word `libvirt`, and `--driver=libvirt` the one with its value.
 *
 * @param {readonly string[]} names the options that the script knows
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} words what is left for the script
 * @returns {string | undefined} what to say instead of going on; nothing when npm has taken none of them
 */
export function swallowedOptions(names, env, words) {
  const script = env['npm_lifecycle_event'];
  const taken = names.filter((name) => env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
  if (script === undefined || taken.length === 0) return undefined;
  const rest = [...words];
  const meant = taken.flatMap((name) => {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`];
    // With more than one such option nobody knows any more whose value a word was: they come in the order they stood in.
    if (value === 'true') return rest[0]?.startsWith('-') === false ? [`--${name}`, rest.shift()] : [`--${name}`];
    return [`--${name}`, value];
  });
  const command = script === 'start' || script === 'test' ? `npm ${script}` : `npm run ${script}`;
  const options = taken.map((name) => `--${name}`).join(' and ');
  return `npm has taken ${options} for itself: write -- before it, as in: ${command} -- ${[...meant, ...rest].join(' ')}`;
}
