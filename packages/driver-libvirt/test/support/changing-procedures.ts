/** Calls that change something, by their number in libvirt's protocol. Between two of them it is all the same when a manager dies. */
export const changingProcedures: Readonly<Record<number, string>> = {
  12: 'destroy',
  28: 'resume',
  34: 'suspend',
  196: 'createWithFlags',
  231: 'undefineFlags',
  234: 'destroyFlags',
  258: 'shutdownFlags',
  264: 'setMetadata',
  350: 'defineXMLFlags',
};
