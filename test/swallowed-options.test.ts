import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { root } from '../scripts/run.mjs';
import { swallowedOptions } from '../scripts/swallowed-options.mjs';

const known = ['driver', 'uri', 'install'];

describe('options that npm has taken for itself', () => {
  it.each([
    [{ npm_config_driver: 'true' }, ['libvirt'], 'npm start -- --driver libvirt'],
    [{ npm_config_driver: 'libvirt' }, [], 'npm start -- --driver libvirt'],
    [{ npm_config_install: 'true', npm_config_driver: 'libvirt' }, [], 'npm start -- --driver libvirt --install'],
    [{ npm_config_uri: 'qemu:///system' }, ['--', 'x'], 'npm start -- --uri qemu:///system -- x'],
  ])('are told with the command that was meant: %j', (env, words, command) => {
    const said = swallowedOptions(known, { ...env, npm_lifecycle_event: 'start' }, words);
    expect(said).toMatch(/^npm has taken --\w+/);
    expect(said).toContain(`write -- before it, as in: ${command}`);
  });

  it('are none where the script was given them, and where no npm is at work', () => {
    expect(swallowedOptions(known, { npm_lifecycle_event: 'start' }, ['--driver', 'libvirt'])).toBeUndefined();
    expect(swallowedOptions(known, { npm_config_driver: 'true' }, [])).toBeUndefined();
    expect(swallowedOptions(known, { npm_config_yes: 'true', npm_lifecycle_event: 'start' }, [])).toBeUndefined();
  });

  it.each([
    [['start', '--driver', 'libvirt'], 'npm start -- --driver libvirt'],
    [['start', '--driver=libvirt', '--install'], 'npm start -- --driver libvirt --install'],
  ])('are found behind the real npm: %j', (args, command) => {
    const { status, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' });
    expect(stderr).toContain(command);
    expect(status).toBe(2);
  });
});
