import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'generated/', 'node_modules/'] },
  js.configs.recommended,
  {
    files: ['server/**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // node:test's functions return promises that its runner awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: ['test', 'describe', 'it'] },
      ],
      // Only data/ may speak to the server (see server/data/index.ts).
      'no-restricted-imports': ['error', { paths: ['@grpc/grpc-js', '@grpc/proto-loader'] }],
    },
  },
  { files: ['server/data/*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['assets/js/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'document',
          'window',
          'fetch',
          'FormData',
          'URLSearchParams',
          'HTMLFormElement',
          'setTimeout',
          'clearTimeout',
          'location',
          'AbortSignal',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['*.mjs'],
    languageOptions: { globals: { process: 'readonly' } },
  },
)
