// A page with one form: what is typed goes into one call, and nothing of it is lost when the call is refused or
// somebody else was first.
import { randomUUID } from 'node:crypto'
import type { Request, Response } from 'express'
import { bodyOf, one } from '../context.js'
import { MaracError } from '../data/index.js'
import {
  apply,
  idOfField,
  rawFrom,
  rawOf,
  viewsOf,
  type Field,
  type FieldError,
  type Raw,
} from '../forms/fields.js'
import { differences, fieldFor } from '../forms/referral.js'
import { fieldErrors } from '../routes/assessments.js'

export interface FormPage {
  title: string
  caption?: string
  intro?: string
  /** What follows from it, a line each. */
  points?: string[]
  warning?: string
  fields: Field[]
  /** What the record holds in these fields now, for when somebody else was first. */
  now: object
  etag: string
  nav: string
  back: { text: string; href: string }
  submit: string
}

/** What a call takes beside the fields. */
export interface Sending {
  etag: string
  request_id: string
}

/** What was typed into a line. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export function showForm(
  res: Response,
  page: FormPage,
  raw: Raw = rawOf(page.fields, {}),
  errors: FieldError[] = [],
  both?: ReturnType<typeof differences>,
): void {
  res.status(errors.length > 0 || both ? 400 : 200).render('pages/form', {
    page,
    nav: page.nav,
    back: page.back,
    fields: viewsOf(page.fields, raw, errors),
    hasFiles: page.fields.some(({ kind }) => kind === 'file'),
    requestId: randomUUID(),
    both,
    errors: errors.map(({ field, text }) => ({ field, text, href: `#${idOfField(field)}` })),
  })
}

/** Sends what was typed; false when the page was shown again. */
export async function sendForm(
  req: Request,
  res: Response,
  load: () => Promise<FormPage>,
  call: (typed: Record<string, unknown>, sending: Sending) => Promise<unknown>,
): Promise<boolean> {
  const body = bodyOf(req)
  const loaded = await load()
  // What was typed was typed over what was read then, and is refused if that is no longer what there is.
  const page = { ...loaded, etag: one(body, 'etag') || loaded.etag }
  const raw = rawFrom(page.fields, body)
  const typed: Record<string, unknown> = {}
  const errors = apply(page.fields, raw, rawOf(page.fields, {}), typed)
  if (errors.length > 0) {
    showForm(res, page, raw, errors)
    return false
  }
  try {
    await call(typed, { etag: one(body, 'etag'), request_id: one(body, 'request_id') })
    return true
  } catch (error) {
    if (error instanceof MaracError && error.code === 'ABORTED') {
      const fresh = await load()
      showForm(res, fresh, raw, [], differences(fresh.fields, rawOf(fresh.fields, fresh.now), raw))
      return false
    }
    showForm(
      res,
      page,
      raw,
      fieldErrors(error).map(({ field, text }) => ({ field: fieldFor(page.fields, field), text })),
    )
    return false
  }
}
