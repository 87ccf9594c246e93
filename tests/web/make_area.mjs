// node make_area.mjs FOLDER: makes the area that every browser test begins with (MARAC_WEB_AREA), once for all of them.
import { Stack } from './stack.mjs'

await Stack.makeArea(process.argv[2])
