import type { BrokenDriver } from './broken-driver.js';

const telling = 'a hypervisor that restarts is told as unavailable, then as available';
const working = 'calls work again once the hypervisor is available, and find the guests as they are';
const flowing = 'guest events flow again once the hypervisor is available';
const twice = 'a hypervisor that restarts twice is found twice';
const silent = 'a hypervisor that restarts after cleanupHost is not told';

/** Drivers that do not get over a restart of their hypervisor. */
export const reconnectBreakers: readonly BrokenDriver[] = [
  {
    fault: 'it never connects again',
    damage: (driver) => {
      driver.client.back = () => undefined;
    },
    caughtBy: [telling, working, flowing, twice, silent],
    hangs: 'until the deadline',
  },
  {
    fault: 'it tells of a restart twice',
    damage: (driver) => {
      const { emit } = driver.environment;
      driver.environment.emit = (event) => {
        if (event.type === 'available') emit(event);
        emit(event);
      };
    },
    caughtBy: [telling],
  },
  {
    fault: 'it calls itself available before calls work',
    damage: (driver) => {
      const { back } = driver.client;
      driver.client.back = () => {
        back();
        driver.isOpen = false;
      };
    },
    caughtBy: [working, twice],
    others: 'may fail too',
  },
  {
    fault: 'it forgets to ask for events when it connects again',
    damage: (driver) => {
      const { back } = driver.client;
      driver.client.back = () => {
        back();
        driver.host.listeners.delete(driver.listen);
      };
    },
    caughtBy: [flowing],
    hangs: 'until the deadline',
  },
  {
    fault: 'it connects again after cleanupHost',
    damage: (driver) => {
      driver.cleanupHost = async () => {
        driver.isOpen = false;
        driver.host.listeners.delete(driver.listen);
      };
    },
    caughtBy: [silent],
  },
];
