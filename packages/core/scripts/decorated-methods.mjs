// The methods of the manager's families as their sources have them: what decorates each, and which operations it runs.
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import ts from 'typescript';

const folder = new URL('../src/manager/', import.meta.url);

/** The decorators that the documentation shows, outermost first. */
const ours = [
  'wrapException',
  'revertsTaskState',
  'wrapInstanceEvent',
  'errorsOutMigration',
  'wrapInstanceFault',
  'deleteImageOnError',
];

/**
 * @typedef {object} DecoratedMethod
 * @property {string} file
 * @property {string} className
 * @property {string} name
 * @property {'public' | 'inner'} visibility
 * @property {readonly string[]} decorators outermost first
 * @property {boolean} takesContext whether it is told who asks
 * @property {boolean} runsOperation whether it hands work to the operation runner
 */

/** @returns {readonly DecoratedMethod[]} every method of a class that extends OperationFamily */
export function decoratedMethods() {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .flatMap((file) => methodsOf(file));
}

/** @param {string} file @returns {DecoratedMethod[]} */
function methodsOf(file) {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return source.statements
    .filter(ts.isClassDeclaration)
    .filter((each) => each.heritageClauses?.some((clause) => clause.getText().includes('OperationFamily')))
    .flatMap((each) => each.members.filter(ts.isMethodDeclaration).map((method) => describe(file, each, method)));
}

/**
 * @param {string} file
 * @param {ts.ClassDeclaration} owner
 * @param {ts.MethodDeclaration} method
 * @returns {DecoratedMethod}
 */
function describe(file, owner, method) {
  const names = (ts.getDecorators(method) ?? []).map(({ expression }) =>
    (ts.isCallExpression(expression) ? expression.expression : expression).getText(),
  );
  const isProtected = method.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ProtectedKeyword) ?? false;
  const isInner = isProtected || ts.isPrivateIdentifier(method.name);
  return {
    file: basename(file),
    className: owner.name?.getText() ?? '',
    name: method.name.getText(),
    visibility: isInner ? 'inner' : 'public',
    decorators: names.filter((name) => ours.includes(name)),
    takesContext: method.parameters.some(({ type }) => type?.getText() === 'RequestContext'),
    runsOperation: /\bthis\.run\(/.test(method.body?.getText() ?? ''),
  };
}
