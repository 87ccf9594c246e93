// What the screen does for the person: as the communication profile says (ACC-11), until they change it on the device.
// What they change is kept in the browser alone, in a word or two that say nothing of anybody.
import type { DisplaySettings__Output } from '../../generated/marac/v1/DisplaySettings.js'
import { one, type Body } from '../context.js'

export const themes = ['standard', 'cream', 'dark', 'contrast'] as const
export const sizes = ['100', '150', '200', '300', '400'] as const
export const pictureUses = ['on', 'off', 'only'] as const

export interface Screen {
  theme: (typeof themes)[number]
  /** Percent of the standard size. */
  size: (typeof sizes)[number]
  pictures: (typeof pictureUses)[number]
  side: 'left' | 'right'
  readAloud: boolean
  plainWords: boolean
}

const ofProfile: Record<string, Screen['theme']> = {
  DISPLAY_THEME_CREAM: 'cream',
  DISPLAY_THEME_DARK: 'dark',
  DISPLAY_THEME_HIGH_CONTRAST: 'contrast',
}

/** The steps in which a text grows: the next that is large enough. */
const sizeFor = (percent: number): Screen['size'] => sizes.find((size) => Number(size) >= percent) ?? '400'

export function screenOf(display: DisplaySettings__Output | null, changed: string): Screen {
  const screen: Screen = {
    theme: ofProfile[display?.theme ?? ''] ?? 'standard',
    size: sizeFor(display?.text_percent ?? 0),
    pictures:
      display?.pictures === 'PICTURE_USE_OFF'
        ? 'off'
        : display?.pictures === 'PICTURE_USE_ONLY'
          ? 'only'
          : 'on',
    side: display?.picture_side === 'PICTURE_SIDE_RIGHT' ? 'right' : 'left',
    readAloud: display?.read_aloud ?? false,
    plainWords: display?.plain_words ?? false,
  }
  return changedBy(screen, changed.split('.'))
}

/** What the page about the screen sent, as the browser keeps it: "dark.150.off". */
export function keptFrom(body: Body): string {
  return ['theme', 'size', 'pictures'].map((name) => one(body, name)).join('.')
}

// Only what there is; anything else leaves it as it was.
function changedBy(screen: Screen, [theme, size, pictures]: string[]): Screen {
  return {
    ...screen,
    theme: themes.find((one) => one === theme) ?? screen.theme,
    size: sizes.find((one) => one === size) ?? screen.size,
    pictures: pictureUses.find((one) => one === pictures) ?? screen.pictures,
  }
}
