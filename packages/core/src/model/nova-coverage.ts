/** Where a method of Nova's compute manager is that is no operation of ours. */
export interface NovaPlace {
  /** `Class.method`: what does it here. `null`: nothing does, `because` says why. */
  readonly here: string | null;
  readonly because?: string;
}

const driverItself = 'a step of the operations that need it, which ask the driver or a provider for it themselves';
const noShares = 'there is no provider of shared directories; drivers that can mount them are proven by their test kit';

/**
 * The decorated methods of Nova's compute manager that are no operations, and where they are. Those that are stand in the rows of
 * the operation table (`Operation.nova`). A test holds that each of the 84 is in one of the two places, and that all of this exists.
 */
export const novaCoverage: Readonly<Record<string, NovaPlace>> = {
  get_console_output: { here: 'ComputeApi.getConsoleOutput' },
  get_vnc_console: { here: 'ConsolesApi.create' },
  get_spice_console: { here: 'ConsolesApi.create' },
  get_serial_console: { here: 'ConsolesApi.create' },
  get_mks_console: { here: 'ConsolesApi.create' },
  get_rdp_console: { here: null, because: 'Nova keeps the name for old callers and refuses it always' },
  validate_console_port: { here: 'OperatorConsoles.validate' },
  get_diagnostics: { here: 'ComputeApi.diagnostics' },
  get_instance_diagnostics: { here: 'ComputeApi.diagnostics' },
  external_instance_event: { here: 'ExternalEventRouter.deliverAll' },
  host_power_action: { here: 'HostOperator.powerAction' },
  host_maintenance_mode: { here: 'HostOperator.setMode' },
  set_host_enabled: { here: 'HostOperator.setMode' },
  get_host_uptime: { here: 'HostOperator.uptimeMs' },
  live_migration_abort: { here: 'MoveOperations.abortLiveMigration' },
  live_migration_force_complete: { here: 'MoveOperations.forceCompleteLiveMigration' },
  check_instance_shared_storage: { here: null, because: driverItself },
  allow_share: { here: null, because: noShares },
  deny_share: { here: null, because: noShares },
  _mount_all_shares: { here: null, because: noShares },
  _umount_all_shares: { here: null, because: noShares },
  _mount_share: { here: null, because: noShares },
  _umount_share: { here: null, because: noShares },
};
