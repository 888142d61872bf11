import { typedValues } from '../wire/typed-values.js';
import * as remote from '../procedures/remote.gen.js';
import { EndConnection } from './end-connection.js';
import { readJobStats, type JobStats } from './job-stats.js';
import type { Cancelled, Cookie, MigrationSource, Parameters, StateAndReason } from './migration-ends.js';

/** The source's steps, as calls to its daemon. */
export class SourceConnection extends EndConnection implements MigrationSource {
  async begin(params: Parameters, flags: number): Promise<{ readonly cookie: Cookie; readonly xml: string }> {
    const args = { dom: this.domain, params, flags };
    const { cookie_out: cookie, xml } = await this.connection.call(remote.domainMigrateBegin3Params, args, this.step);
    return { cookie, xml };
  }

  async perform(peerUri: string | null, params: Parameters, cookie: Cookie, flags: number): Promise<Cookie> {
    const args = { dom: this.domain, dconnuri: peerUri, params, cookie_in: cookie, flags };
    return (await this.connection.call(remote.domainMigratePerform3Params, args)).cookie_out;
  }

  async confirm(params: Parameters, cookie: Cookie, flags: number, cancelled: Cancelled): Promise<void> {
    const args = { dom: this.domain, params, cookie_in: cookie, flags, cancelled };
    await this.connection.call(remote.domainMigrateConfirm3Params, args, this.step);
  }

  getState(): Promise<StateAndReason> {
    return this.connection.call(remote.domainGetState, { dom: this.domain, flags: 0 }, this.step);
  }

  async getJobStats(): Promise<JobStats> {
    const connection = await this.usable();
    const args = { dom: this.domain, flags: 0 };
    const { type, params } = await connection.call(remote.domainGetJobStats, args, this.step);
    return readJobStats({ type, params: typedValues(params) });
  }

  async abortJob(): Promise<void> {
    const connection = await this.usable();
    await connection.call(remote.domainAbortJob, { dom: this.domain }, this.step);
  }

  async resume(): Promise<void> {
    const connection = await this.usable();
    await connection.call(remote.domainResume, { dom: this.domain }, this.step);
  }
}
