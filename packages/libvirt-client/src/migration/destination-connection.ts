import * as remote from '../procedures/remote.gen.js';
import type { RemoteDomain } from '../procedures/structs.gen.js';
import { EndConnection } from './end-connection.js';
import type { Cancelled, Cookie, MigrationDestination, Parameters } from './migration-ends.js';

/** The destination's steps, as calls to its daemon. */
export class DestinationConnection extends EndConnection implements MigrationDestination {
  async prepare(
    params: Parameters,
    cookie: Cookie,
    flags: number,
  ): Promise<{ readonly cookie: Cookie; readonly uri: string | null }> {
    const args = { params, cookie_in: cookie, flags };
    const answer = await this.connection.call(remote.domainMigratePrepare3Params, args, this.step);
    return { cookie: answer.cookie_out, uri: answer.uri_out };
  }

  async finish(
    params: Parameters,
    cookie: Cookie,
    flags: number,
    cancelled: Cancelled,
  ): Promise<{ readonly domain: RemoteDomain; readonly cookie: Cookie }> {
    const args = { params, cookie_in: cookie, flags, cancelled };
    const answer = await this.connection.call(remote.domainMigrateFinish3Params, args, this.step);
    return { domain: answer.dom, cookie: answer.cookie_out };
  }

  async outlastJobs(): Promise<void> {
    const connection = await this.usable();
    // A harmless question, which the daemon answers only for a guest that is alive and after all jobs on it.
    await connection.call(remote.domainMemoryStats, { dom: this.domain, maxStats: 1, flags: 0 }, this.step);
  }
}
