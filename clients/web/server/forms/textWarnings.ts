// What in a free text looks like what is kept apart, as the pages tell its writers: which text, what it looks like, and
// where to change it.
import type { TextWarning__Output } from '../../generated/marac/v1/TextWarning.js'
import type { TextWarningKind } from '../../generated/marac/v1/TextWarningKind.js'

/** A text as a page calls it, and where its writer changes it. */
export interface Place {
  label: string
  href?: string | undefined
}

const lookWords: Partial<Record<TextWarningKind, string>> = {
  TEXT_WARNING_KIND_TELEPHONE: 'a telephone number',
  TEXT_WARNING_KIND_POSTCODE: 'a postcode',
  TEXT_WARNING_KIND_EMAIL: 'an email address',
  TEXT_WARNING_KIND_KEPT_APART: 'what is kept apart, word for word',
}

/** One of each text, whatever there is in it. */
export const warningsOf = (warnings: TextWarning__Output[], placeOf: (field: string) => Place) =>
  [...new Set(warnings.map(({ field }) => field))].map((text) => ({
    ...placeOf(text),
    looksLike: warnings
      .filter(({ field }) => field === text)
      .map(({ kind }) => lookWords[kind] ?? 'a detail')
      .join(' and '),
  }))
