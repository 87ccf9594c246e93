// A QR code as one path of an SVG drawing, which the page draws itself: nothing is loaded, and no style is needed.
import qrcode from 'qrcode-generator'

const quietZone = 4 // Modules of white around it, as readers want.

export interface QrCode {
  /** Modules on each side, the white around it included. */
  size: number
  /** The "d" of an SVG path. */
  path: string
}

export function qrCodeOf(text: string): QrCode {
  const code = qrcode(0, 'M') // As small as the text allows; a seventh may be damaged.
  code.addData(text)
  code.make()
  const count = code.getModuleCount()
  let path = ''
  for (let row = 0; row < count; ++row) {
    for (let column = 0; column < count; ++column) {
      if (code.isDark(row, column)) path += `M${column + quietZone} ${row + quietZone}h1v1h-1z`
    }
  }
  return { size: count + 2 * quietZone, path }
}
