// Every address of the pages. An address carries ids and nothing else.
export const urls = {
  home: '/',
  signIn: '/sign-in',
  signOut: '/sign-out',
  lock: '/lock',
  unlock: '/unlock',
  stepUp: '/step-up',
  recover: '/recover',
  exit: '/exit',
  typed: '/typed',
  discardTyped: '/typed/discard',
  account: '/account',
  endSession: '/account/end-session',
  endOtherSessions: '/account/end-other-sessions',
  accountCode: '/account/code',
  confirmCode: '/account/code/confirm',
  password: '/password',
  register: '/account/register',
  newRegistered: '/account/register/new',
  registered: (at: number) => `/account/register/${at}`,
  removeRegistered: (at: number) => `/account/register/${at}/remove`,
  help: '/help',
  actions: '/actions',
  action: (name: string) => `/actions/${idOf(name)}`,
  alerts: '/alerts',
  alert: (name: string) => `/alerts/${idOf(name)}`,
  people: '/people',
  newPerson: '/people/new',
  person: (name: string) => `/people/${idOf(name)}`,
  personDo: (name: string, what: string) => `/people/${idOf(name)}/${what}`,
  personRole: (name: string, number: number) => `/people/${idOf(name)}/roles/${number}`,
  forms: '/forms',
  formDifferences: '/forms/differences',
  activateForm: (name: string) => `/forms/${idOf(name)}/activate`,
  retireForm: (name: string) => `/forms/${idOf(name)}/retire`,
  services: '/services',
  newService: '/services/new',
  service: (name: string) => `/services/${idOf(name)}`,
  editService: (name: string) => `/services/${idOf(name)}/edit`,
  retireService: (name: string) => `/services/${idOf(name)}/retire`,
  assessments: '/assessments',
  newAssessment: '/assessments/new',
  assessment: (name: string) => `/assessments/${idOf(name)}`,
  assessmentPeople: (name: string) => `/assessments/${idOf(name)}/people`,
  questions: (name: string) => `/assessments/${idOf(name)}/questions`,
  question: (name: string, number: number) => `/assessments/${idOf(name)}/questions/${number}`,
  result: (name: string) => `/assessments/${idOf(name)}/result`,
  complete: (name: string) => `/assessments/${idOf(name)}/complete`,
  sign: (name: string) => `/assessments/${idOf(name)}/sign`,
  stop: (name: string) => `/assessments/${idOf(name)}/stop`,
  refer: (name: string) => `/assessments/${idOf(name)}/refer`,
  referrals: '/referrals',
  newReferral: '/referrals/new',
  referral: (name: string) => `/referrals/${idOf(name)}`,
  section: (name: string, section: string) => `/referrals/${idOf(name)}/${section}`,
  rest: (name: string) => `/referrals/${idOf(name)}/rest`,
  check: (name: string) => `/referrals/${idOf(name)}/check`,
  sent: (name: string) => `/referrals/${idOf(name)}/sent`,
  cases: '/cases',
  case: (name: string) => `/cases/${idOf(name)}`,
  caseContact: (name: string) => `/cases/${idOf(name)}/contact`,
  caseUpdate: (name: string) => `/cases/${idOf(name)}/update`,
  caseSafeContact: (name: string) => `/cases/${idOf(name)}/safe-contact`,
  caseReaders: (name: string) => `/cases/${idOf(name)}/readers`,
  caseClose: (name: string) => `/cases/${idOf(name)}/close`,
  caseDetail: (name: string, detail: string) => `/cases/${idOf(name)}/details/${idOf(detail)}`,
  // Of a case, or of a referral that waits.
  caseAccess: (name: string) => `${recordOf(name)}/access`,
  caseAccessDo: (name: string, what: string) => `${recordOf(name)}/access/${what}`,
  caseConflict: (name: string) => `${recordOf(name)}/conflict`,
  undecided: '/undecided',
  noLongerShown: '/no-longer-shown',
  meetings: '/meetings',
  meeting: (name: string) => `/meetings/${idOf(name)}`,
  meetingDo: (name: string, what: string) => `/meetings/${idOf(name)}/${what}`,
  agendaItem: (name: string) => `/meetings/${idOf(meetingOf(name))}/items/${idOf(name)}`,
  agendaItemDo: (name: string, what: string) =>
    `/meetings/${idOf(meetingOf(name))}/items/${idOf(name)}/${what}`,
  caseInMeeting: (meeting: string, name: string) => `/meetings/${idOf(meeting)}/cases/${idOf(name)}`,
  withdraw: (name: string) => `/referrals/${idOf(name)}/withdraw`,
  triage: '/triage',
  triageEntry: '/triage/enter',
  triageOf: (name: string) => `/triage/${idOf(name)}`,
  triageAdd: (name: string) => `/triage/${idOf(name)}/add`,
  triagePeople: (name: string) => `/triage/${idOf(name)}/people`,
  decision: (name: string, decision: string) => `/triage/${idOf(name)}/decision/${decision}`,
}

/** "areas/mk/referrals/x" -> "x". */
export const idOf = (name: string): string => encodeURIComponent(name.slice(name.lastIndexOf('/') + 1))

const recordOf = (name: string): string =>
  `/${name.includes('/referrals/') ? 'triage' : 'cases'}/${idOf(name)}`

/** The meeting of an agenda item: "areas/mk/meetings/x/agendaItems/y" -> "areas/mk/meetings/x". */
export const meetingOf = (item: string): string => item.replace(/\/agendaItems\/.*$/, '')

/** An address of our own to go back to, or home; never another site's. */
export function localPath(path: unknown): string {
  if (typeof path !== 'string' || !/^\/(?![/\\])[A-Za-z0-9/_?=&.-]*$/.test(path)) return urls.home
  const never = [
    urls.signIn,
    urls.signOut,
    urls.exit,
    urls.lock,
    urls.unlock,
    urls.stepUp,
    urls.recover,
    urls.typed,
  ]
  return never.some((start) => path.startsWith(start)) ? urls.home : path
}
