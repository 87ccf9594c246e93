import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SupportService__Output } from '../../generated/marac/v1/SupportService.js'
import { groupsOf, optionsOf, takesInWords, viewOf } from './servicesDirectory.js'

const service = (name: string, more: Partial<SupportService__Output> = {}): SupportService__Output => ({
  name: `areas/a/services/${name}`,
  etag: '',
  display_name: name,
  description: '',
  purposes: ['SERVICE_PURPOSE_DECLINE'],
  numbers: [{ number: '01632 960123', kind: 'SERVICE_NUMBER_KIND_VOICE', note: '' }],
  hours: 'always',
  eligibility: null,
  access: '',
  verified_day: { year: 2026, month: 1, day: 7 },
  review_day: { year: 2026, month: 7, day: 7 },
  review_overdue: false,
  retired: false,
  ...more,
})

describe('the services directory', () => {
  test('shows each service once, immediate danger first, and refers to it below', () => {
    const both = service('both', {
      purposes: ['SERVICE_PURPOSE_NON_REFERRAL', 'SERVICE_PURPOSE_IMMEDIATE_DANGER'],
    })
    const groups = groupsOf([service('other'), both])
    assert.deepEqual(
      groups.map(({ title, here, above }) => [title, here.map(nameOf), above.map(nameOf)]),
      [
        ['Somebody is in danger now', ['both'], []],
        ['A referral was declined', ['other'], []],
        ['There is no referral', [], ['both']],
      ],
    )
  })

  test('links numbers as they are dialled', () => {
    const { numbers } = viewOf(
      service('x', {
        numbers: [
          { number: '+44 1632 960123', kind: 'SERVICE_NUMBER_KIND_VOICE', note: 'free' },
          { number: '07700 900123', kind: 'SERVICE_NUMBER_KIND_TEXT', note: '' },
        ],
      }),
    )
    assert.deepEqual(
      numbers.map(({ key, href }) => [key, href]),
      [
        ['Call', 'tel:+441632960123'],
        ['Text', 'sms:07700900123'],
      ],
    )
  })

  test('says of an entry past its review since when nobody has verified it', () => {
    assert.equal(viewOf(service('x')).notVerifiedSince, '')
    assert.equal(viewOf(service('x', { review_overdue: true })).notVerifiedSince, '7 January 2026')
    assert.deepEqual(optionsOf([service('x', { review_overdue: true })]), [
      { value: '', text: 'None of these' },
      { value: 'areas/a/services/x', text: 'x, 01632 960123, not verified since 7 January 2026' },
    ])
  })

  test('says in words whom a service takes', () => {
    const takes = { grades: [], genders: [], age_min: 0, age_max: 0, note: '' }
    assert.equal(takesInWords(null), '')
    assert.equal(takesInWords({ ...takes, age_min: 16 }), '16 years old or older')
    assert.equal(takesInWords({ ...takes, grades: ['GRADE_HIGH'], note: 'By day' }), 'At high risk. By day')
    assert.equal(
      takesInWords({
        grades: ['GRADE_HIGH', 'GRADE_MEDIUM'],
        genders: ['SERVICE_GENDER_NON_BINARY', 'SERVICE_GENDER_WOMEN'],
        age_min: 13,
        age_max: 25,
        note: 'Children may come along.',
      }),
      'Women or non-binary people, 13 to 25 years old, at medium or high risk. Children may come along.',
    )
  })
})

const nameOf = ({ service }: { service: SupportService__Output }): string => service.display_name
