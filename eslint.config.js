import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Each of these is said by the style guide (CONTRIBUTING.md) and would otherwise be found only by a reader. */
const house = {
  defaultExport: {
    selector: 'ExportDefaultDeclaration',
    message: 'Export by name: a file is named after what it exports.',
  },
  enum: {
    selector: 'TSEnumDeclaration',
    message: 'Use a union of literals or an `as const` object.',
  },
  private: {
    selector: ':not(MethodDefinition[kind="constructor"])[accessibility="private"]',
    message: 'Use a #private name: it is private at run time too.',
  },
  shell: {
    selector: 'Property[key.name="shell"]',
    message: 'No shell: give the program and its arguments as an array.',
  },
  skipped: {
    selector:
      'MemberExpression[object.name=/^(describe|it|test|suite)$/][property.name=/^(only|skip|skipIf|runIf|todo|fails)$/]',
    message: 'A test that cannot run fails with the reason; what needs a real libvirt goes into a *.real.test.ts.',
  },
  sleep: {
    selector: 'AwaitExpression > NewExpression[callee.name="Promise"] CallExpression[callee.name="setTimeout"]',
    message: 'Await the event, or inject the time.',
  },
};

const shellStarters = ['exec', 'execSync'];

export default defineConfig(
  globalIgnores(['**/dist/', '**/node_modules/', 'coverage/', 'reports/', '.stryker-tmp/', '.cache/', 'etc/']),
  tseslint.configs.recommendedTypeChecked,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: ['child_process', 'node:child_process'].map((name) => ({
            name,
            importNames: shellStarters,
            message: 'No shell: use spawn or execFile, with an array of arguments.',
          })),
        },
      ],
      'no-restricted-syntax': ['error', ...Object.values(house).filter((rule) => rule !== house.sleep)],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-deprecated': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      // Not no-unnecessary-condition: it forbids to look again after an `await`, and to doubt what a caller passes.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      // An async function without `await` still turns what it throws into a rejection, which is what its caller expects.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A namespace-like `{}` and empty methods say "nothing to do here" in drivers and fakes.
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: ['packages/*/src/**'],
    rules: { '@typescript-eslint/prefer-readonly': 'error', 'no-console': 'error' },
  },
  {
    // The command is what prints; its output is its product.
    files: ['packages/cli/src/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['packages/*/test/**', 'test/**'],
    rules: {
      'no-restricted-syntax': ['error', ...Object.values(house)],
      // Tests look into what has no type (a record as JSON), throw what a bad driver throws, and pass methods around.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['{bench,scripts}/**', '**/*.config.{js,ts}'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  {
    // Generators of sources; what they write is type-checked.
    files: ['packages/*/scripts/**'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    // Tools find their configuration by its default export.
    files: ['**/*.config.{js,ts}', '.dependency-cruiser.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
