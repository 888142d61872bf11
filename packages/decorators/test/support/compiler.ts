import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export type DecoratorMode = 'standard' | 'experimental';

const folder = fileURLToPath(new URL('../programs/', import.meta.url));
const decoratorsDoor = fileURLToPath(new URL('../../src/index.ts', import.meta.url));

/**
 * Compiles each source as a module of its own, all in one program, and gives what the compiler says about each: the
 * error's number and text, flattened to one line.
 */
export function diagnose(sources: readonly string[], mode: DecoratorMode): readonly (readonly string[])[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    experimentalDecorators: mode === 'experimental',
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
    paths: { '@virtkit/decorators': [decoratorsDoor] },
  };
  const files = new Map(sources.map((source, index) => [`${folder}program-${index}.mts`, source]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.getSourceFile = (file, languageVersion, ...rest) => {
    const source = files.get(file);
    if (source === undefined) return getSourceFile(file, languageVersion, ...rest);
    return ts.createSourceFile(file, source, languageVersion);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files.keys()].map((file) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(file))
      .map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`),
  );
}
