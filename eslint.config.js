import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/** Which room may import which package: each outside library has one place where it is known. */
const only = (name, rooms) => ({name, rooms})
const guarded = [
  only('@oclif/core', ['src/commands/', 'src/cli/']),
  only('@duckdb/node-api', ['src/case/']),
  only('@duckdb/node-bindings', ['src/case/']),
  only('cli-table3', ['src/output/table.ts']),
  only('xz-decompress', ['src/load/decoders/']),
  only('yauzl', ['src/load/decoders/']),
  only('yaml', ['src/audit/policy/']),
  only('zstddec/stream', ['src/load/decoders/']),
]

export default tseslint.config(
  {ignores: ['dist', 'coverage', 'node_modules', '.setup', 'samples']},
  js.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {parserOptions: {project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname}},
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
      '@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true}],
      'no-restricted-properties': [
        'error',
        {object: 'process', property: 'exit', message: 'Set process.exitCode or throw: only src/cli ends the process.'},
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {paths: guarded.map(({name, rooms}) => ({name, message: `Only ${rooms.join(', ')} may import ${name}.`}))},
      ],
    },
  },
  ...[...new Set(guarded.flatMap(({rooms}) => rooms))].map((room) => ({
    files: [room.endsWith('/') ? `${room}**/*.ts` : room],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: guarded
            .filter(({rooms}) => !rooms.includes(room))
            .map(({name, rooms}) => ({name, message: `Only ${rooms.join(', ')} may import ${name}.`})),
        },
      ],
    },
  })),
  {
    files: ['**/*.mjs', '**/*.js', 'bench/**', 'scripts/**'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        structuredClone: 'readonly',
      },
    },
  },
)
