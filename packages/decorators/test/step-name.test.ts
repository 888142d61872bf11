import { describe, expect, it } from 'vitest';
import { stepName, stepNames } from '../src/step-name.js';

describe('the name of a step', () => {
  it.each([
    ['rebootInstance', 'compute_reboot_instance'],
    ['reboot', 'compute_reboot'],
    ['_doBuildAndRunInstance', 'compute__do_build_and_run_instance'],
    ['#doBuild', 'compute__do_build'],
    ['getVNCConsole', 'compute_get_vnc_console'],
    ['getVNC', 'compute_get_vnc'],
    ['attachA', 'compute_attach_a'],
    ['checkX2Resize', 'compute_check_x2_resize'],
    ['pre_live_migration', 'compute_pre_live_migration'],
    ['evacuate host!', 'compute_evacuate_host_'],
    ['größeÄndern', 'compute_größe_ändern'],
    ['ÄÖUmlaut', 'compute_äö_umlaut'],
  ])('of %s is %s', (methodName, name) => {
    expect(stepName('compute', methodName)).toBe(name);
  });

  it('begins with its prefix, and is the same the second time', () => {
    const compute = stepNames('compute');
    const volume = stepNames('volume');
    expect([compute('attachIt'), volume('attachIt'), compute('attachIt'), compute('detachIt')]).toEqual([
      'compute_attach_it',
      'volume_attach_it',
      'compute_attach_it',
      'compute_detach_it',
    ]);
  });
});
