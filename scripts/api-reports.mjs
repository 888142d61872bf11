// Writes the public API of every door of every published package to etc/<package>[-<door>].api.md, so that each change of
// it is seen in a diff. Without --update it only compares, and exits with 1 when something differs.
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { publishedPackages } from './packages.mjs';
import { root } from './run.mjs';

const update = process.argv.includes('--update');
const reports = join(root, 'etc');
const scratch = mkdtempSync(join(tmpdir(), 'virtkit-api-'));
mkdirSync(reports, { recursive: true });

try {
  const doors = publishedPackages().flatMap(doorsOf);
  const changed = doors.filter((door) => !report(door)).map(({ reportName }) => reportName);
  const known = doors.map(({ reportName }) => `${reportName}.api.md`);
  const stale = readdirSync(reports).filter((file) => file.endsWith('.api.md') && !known.includes(file));
  for (const file of stale) if (update) rmSync(join(reports, file));
  const wrong = [...changed.map((name) => `${name}.api.md`), ...stale];
  if (wrong.length > 0 && !update) {
    console.error(`The public API is not what etc/ says: ${wrong.join(', ')}.`);
    console.error('If that is meant, run `npm run check -- --update` and commit the reports.');
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true });
}

/** @param {import('./packages.mjs').Package} owner */
function doorsOf({ folder, path, manifest }) {
  return Object.entries(manifest.exports ?? {}).flatMap(([subpath, { types }]) =>
    types === undefined
      ? []
      : [{ path, reportName: subpath === '.' ? folder : `${folder}-${basename(subpath)}`, types: join(path, types) }],
  );
}

/**
 * @param {{ path: string, reportName: string, types: string }} door
 * @returns {boolean} whether the committed report says what is so
 */
function report({ path, reportName, types }) {
  if (!existsSync(types)) throw new Error(`${reportName}: there is no ${types}; the packages must be built first`);
  const off = { logLevel: 'none' };
  const config = ExtractorConfig.prepare({
    packageJsonFullPath: join(path, 'package.json'),
    configObjectFullPath: undefined,
    configObject: {
      projectFolder: path,
      mainEntryPointFilePath: types,
      compiler: { tsconfigFilePath: join(path, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFileName: `${reportName}.api.md`,
        reportFolder: reports,
        reportTempFolder: scratch,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: /** @type {any} */ ({
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: {
          default: { logLevel: 'error' },
          // Everything exported is public; there are no release tags.
          'ae-missing-release-tag': off,
          // One entry point is seen at a time: what lives behind another door looks forgotten. It shows in the report.
          'ae-forgotten-export': { logLevel: 'warning', addToApiReportFile: true },
          'ae-unresolved-link': off,
          'ae-undocumented': off,
        },
        tsdocMessageReporting: { default: off },
      }),
    },
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: update,
    compilerState: CompilerState.create(config),
    messageCallback: (message) => {
      // Said once, at the end; and never that api-extractor's own compiler is another one.
      message.handled = message.logLevel !== ExtractorLogLevel.Error || message.messageId.startsWith('console-');
      if (!message.handled) process.exitCode = 1;
    },
  });
  return !apiReportChanged;
}
