// Builds the web client into dist/: types from the contract, compiled server, style sheet, scripts, views.
// Everything that is served or run comes from dist/ and node_modules/.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sass from 'sass'

const here = dirname(fileURLToPath(import.meta.url))
const proto = join(here, '../../proto')
const dist = join(here, 'dist')
const frontend = join(here, 'node_modules/govuk-frontend/dist/govuk')

const run = (program, args) =>
  execFileSync(join(here, 'node_modules/.bin', program), args, { cwd: here, stdio: 'inherit' })

rmSync(dist, { recursive: true, force: true })
rmSync(join(here, 'generated'), { recursive: true, force: true })

// The same options as in server/data/channel.ts: the types must say what the loader does.
run('proto-loader-gen-types', [
  '--keepCase',
  '--longs=String',
  '--enums=String',
  '--defaults',
  '--oneofs',
  '--grpcLib=@grpc/grpc-js',
  '--importFileExtension=.js',
  `--includeDirs=${proto}`,
  `--outDir=${join(here, 'generated')}`,
  '--',
  ...globSync('marac/v1/*.proto', { cwd: proto }),
])
run('tsc', [])

mkdirSync(join(dist, 'assets'), { recursive: true })
const css = sass.compile(join(here, 'assets/scss/index.scss'), {
  loadPaths: [join(here, 'node_modules')],
  style: 'compressed',
  quietDeps: true,
})
writeFileSync(join(dist, 'assets/app.css'), css.css)
cpSync(join(here, 'assets/js'), join(dist, 'assets'), { recursive: true })
cpSync(join(here, 'assets/symbols'), join(dist, 'assets/symbols'), { recursive: true })
cpSync(join(here, 'assets/icon.svg'), join(dist, 'assets/icon.svg'))
cpSync(join(frontend, 'govuk-frontend.min.js'), join(dist, 'assets/govuk-frontend.js'))
cpSync(join(here, 'node_modules/sortablejs/modular/sortable.core.esm.js'), join(dist, 'assets/sortable.js'))
cpSync(join(here, 'server/views'), join(dist, 'views'), { recursive: true })
cpSync(join(proto, 'marac/v1'), join(dist, 'proto/marac/v1'), { recursive: true })
writeFileSync(join(dist, 'built'), '') // When it was, for whoever asks whether to build again.
