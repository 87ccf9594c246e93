// A new referral starts with everything that is known already, so that nobody types it twice: who from the
// assessment, why from its judgement, and the referrer from their last referral.
import type { Assessment__Output } from '../../generated/marac/v1/Assessment.js'
import type { Caller__Output } from '../../generated/marac/v1/Caller.js'
import type { Judgement } from '../../generated/marac/v1/Judgement.js'
import type { Referral } from '../../generated/marac/v1/Referral.js'
import type { Referral__Output } from '../../generated/marac/v1/Referral.js'
import type { MaracClient } from '../data/index.js'
import { loadDraft, saveDraft } from './draft.js'
import { listWhole } from './lists.js'

/** An assessment, with its judgement as it was typed by now. */
export type Taken = Omit<Assessment__Output, 'judgement'> & { judgement: Judgement | null }

export async function createReferral(
  marac: MaracClient,
  area: string,
  caller: Caller__Output,
  { assessment: taken, urgent }: { assessment?: Taken; urgent: boolean },
): Promise<Referral__Output> {
  if (taken) {
    // Asked for twice, by a second click or after a cut: the draft that is there is gone on with.
    const drafts = await listWhole(
      (page) =>
        marac.call('ReferralService', 'ListReferrals', {
          parent: area,
          mine: true,
          state: 'REFERRAL_STATE_DRAFT',
          ...page,
        }),
      'referrals',
    )
    const begun = drafts.find(({ assessments }) => assessments.includes(taken.name))
    if (begun && urgent && !begun.urgent) {
      const loaded = await loadDraft(marac, begun.name, [])
      loaded.draft.referral.urgent = true
      return saveDraft(marac, area, loaded)
    }
    // One that is urgent already stays so, however it is asked for.
    if (begun) return begun
  }
  const lately = await marac.call('ReferralService', 'ListReferrals', { parent: area, mine: true })
  const referral: Referral = {
    urgent,
    referrer: referrerOf(caller, lately.referrals),
    ...(taken ? fromAssessment(taken) : {}),
  }
  return marac.call('ReferralService', 'SaveDraft', { parent: area, referral })
}

function referrerOf(caller: Caller__Output, mine: Referral__Output[]): NonNullable<Referral['referrer']> {
  const before = mine.find(({ referrer }) => referrer && !referrer.on_behalf)?.referrer
  return {
    agency: caller.account?.agency ?? '',
    person: caller.account?.display_name ?? '',
    job_title: before?.job_title ?? '',
    contact: before?.contact ?? '',
    source_category: before?.source_category ?? '',
    route: 'REFERRAL_ROUTE_OWN_SYSTEM',
  }
}

export function fromAssessment(assessment: Taken): Referral {
  const { judgement } = assessment
  const fear = assessment.answers.find(({ item }) => item === 'FEAR_OF')?.note
  return {
    assessments: [assessment.name],
    victim: assessment.victim,
    perpetrators: assessment.perpetrators,
    criteria: {
      professional_judgement: judgement?.professional_judgement ? 'YES_NO_YES' : 'YES_NO_UNSPECIFIED',
      judgement_text: judgement?.professional_judgement ? (judgement.text ?? '') : '',
      escalation: assessment.result?.criteria.includes('ESCALATION') ? 'YES_NO_YES' : 'YES_NO_UNSPECIFIED',
      incident_days: judgement?.report_days ?? [],
      repeat: judgement?.repeat ?? 'YES_NO_UNSPECIFIED',
    },
    reason: { narrative: judgement?.text ?? '' },
    victim_voice: fear ? { fears: { value: fear } } : null,
  }
}
