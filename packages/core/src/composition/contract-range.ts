import { ComputeError, driverContractVersion, type ContractRange } from '../driver/index.js';

/** @throws ComputeError `DRIVER_INCOMPATIBLE` when the driver was built for other versions of the contract */
export function checkContract(
  driver: string,
  { atLeast, below }: ContractRange,
  offered: string = driverContractVersion,
): void {
  const accepted = `a range that holds ${offered}`;
  const [from, to, version] = [parsed(atLeast), parsed(below), parsed(offered)];
  if (!from || !to || !version) {
    throw new ComputeError('DRIVER_INCOMPATIBLE', {
      driver,
      problem: `its contract range is ${atLeast} to ${below}`,
      accepted: 'two versions of the form major.minor',
    });
  }
  if (compare(version, from) >= 0 && compare(version, to) < 0) return;
  throw new ComputeError('DRIVER_INCOMPATIBLE', {
    driver,
    problem: `it was built for the contract from ${atLeast} to below ${below}`,
    accepted,
  });
}

type Version = readonly [major: number, minor: number];

function parsed(text: string): Version | undefined {
  const match = /^(\d{1,6})\.(\d{1,6})$/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1];
}
