// What script adds: GOV.UK's components, answers saved as they are given, and nothing typed lost when the network is
// away. Every page works without this file.
import { initAll } from '/assets/govuk-frontend.js'

initAll()
if (document.querySelector('[data-order]')) import('/assets/order.js')

const retryMs = 3000
const quietMs = 700
const patienceMs = 8000

// --- A page that was left ----------------------------------------------------------------------------------------

// A browser may keep a page as it was and show it again on "Back": after a lock or an exit that must show nothing.
window.addEventListener('pagehide', () => document.body.classList.add('app-left'))

// Whoever is on their way elsewhere, by the exit above all, is not called back.
let leaving = false
window.addEventListener('beforeunload', () => {
  leaving = true
  setTimeout(() => (leaving = false), patienceMs) // Still here: the way led nowhere.
})
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload()
})

// --- The network is away ---------------------------------------------------------------------------------------

let banner
// What has to come to an end before a form is sent.
const settleOf = new WeakMap()

function showOffline(text) {
  if (!banner) {
    banner = document.createElement('p')
    banner.className = 'app-offline govuk-body'
    banner.setAttribute('role', 'alert')
    document.body.append(banner)
  }
  banner.textContent = text
}

function hideOffline() {
  banner?.remove()
  banner = undefined
}

async function isReached() {
  try {
    const answer = await fetch('/health/live', { cache: 'no-store', signal: AbortSignal.timeout(patienceMs) })
    return answer.ok
  } catch {
    return false
  }
}

// A form is sent only when the service is reached, because the browser's own error page would take its place and
// with it what was typed. While it is on its way it is not sent again: a second click changes nothing.
const sending = new Set()

document.addEventListener('submit', (event) => {
  const form = event.target
  if (!(form instanceof HTMLFormElement) || form.method !== 'post') return
  if (form.dataset.reached === 'yes') {
    delete form.dataset.reached
    form.dataset.sent = 'yes'
    return
  }
  event.preventDefault()
  if (sending.has(form)) return
  sending.add(form)
  send(form, event.submitter ?? undefined)
})

// The page was left, and is come back to.
window.addEventListener('pageshow', () => sending.clear())

async function send(form, submitter) {
  // Asked twice: the first may meet a connection that died with the network and tell nothing of the present.
  if ((await isReached()) || (await isReached())) {
    hideOffline()
    await settleOf.get(form)?.()
    form.dataset.reached = 'yes'
    form.requestSubmit(submitter)
    setTimeout(() => sending.delete(form), patienceMs)
  } else {
    showOffline('No connection. What you typed is still here: try again in a moment.')
    sending.delete(form)
  }
}

// For a page that is being left. A browser refuses more than 64 KiB then.
function sendAfterwards(address, body) {
  fetch(address, { method: 'POST', body, keepalive: true, redirect: 'manual' }).catch(() => undefined)
}

// --- "Not known" -----------------------------------------------------------------------------------------------

// A reason for having no answer, and an answer, take each other's place.
document.addEventListener('input', (event) => {
  const input = event.target
  const instead = input.dataset?.insteadOf
  const form = input.form
  if (!form) return
  if (instead && input.checked) {
    for (const name of [instead, `${instead}.day`, `${instead}.month`, `${instead}.year`]) {
      const field = form.elements.namedItem(name)
      if (field && 'value' in field) field.value = ''
    }
  } else if (!instead && input.name && input.value !== '') {
    for (const other of form.querySelectorAll('[data-instead-of]')) {
      if (input.name.replace(/\.(day|month|year)$/, '') === other.dataset.insteadOf) other.checked = false
    }
  }
})

// --- Answers are saved as they are given -------------------------------------------------------------------------

for (const form of document.querySelectorAll('form[data-autosave]')) {
  const address = form.dataset.autosave || form.getAttribute('action')
  const waiting = new Set()
  let timer
  let sending = []

  const statusOf = (item) => item.querySelector('.app-item__saved')

  const say = (item, text, isWaiting) => {
    const status = statusOf(item)
    status.textContent = text
    status.classList.toggle('app-item__saved--waiting', isWaiting)
  }

  const bodyOf = (items) => {
    const body = new URLSearchParams()
    const all = new FormData(form)
    body.append('_token', all.get('_token'))
    for (const item of items) {
      const prefix = `a.${item.dataset.item}.`
      for (const [name, value] of all) if (name.startsWith(prefix)) body.append(name, value)
    }
    return body
  }

  async function send() {
    if (sending.length > 0 || waiting.size === 0) return
    const items = [...waiting]
    sending = items
    waiting.clear()
    try {
      const answer = await fetch(address, {
        method: 'POST',
        headers: { Accept: 'application/json' },
        body: bodyOf(items),
        signal: AbortSignal.timeout(patienceMs),
      })
      const isRefused = answer.status === 401 || answer.status === 403 || answer.status === 409
      if (isRefused && leaving) {
        for (const item of items) waiting.add(item)
        return
      }
      if (isRefused) {
        // Signed out, or somebody else: the whole page is sent, and the service says what to do. Nothing is lost.
        form.dataset.sent = 'yes'
        form.submit()
        return
      }
      const saved = await answer.json()
      if (!answer.ok && !saved.seq) throw new Error('not saved')
      hideOffline()
      for (const item of items) {
        const code = item.dataset.item
        const wrong = saved.errors.find(({ field }) => field.startsWith(`${code}.`))
        // Also where somebody else was first: they have been shown, and giving the answer again keeps it.
        if (saved.seq[code]) item.querySelector('[name$=".seq"]').value = saved.seq[code]
        say(item, wrong ? `Not saved yet. ${wrong.text}` : 'Saved', wrong !== undefined)
      }
    } catch {
      for (const item of items) {
        waiting.add(item)
        say(item, 'Not saved yet', true)
      }
      showOffline('No connection. Your answers are still here, and are saved as soon as it is back.')
      clearTimeout(timer)
      timer = setTimeout(send, retryMs)
    } finally {
      sending = []
    }
    if (waiting.size > 0 && !banner) send()
  }

  const changed = (event, delay) => {
    const item = event.target.closest('[data-item]')
    if (!item) return
    waiting.add(item)
    statusOf(item).textContent = ''
    clearTimeout(timer)
    timer = setTimeout(send, delay)
  }

  form.addEventListener('change', (event) => changed(event, 0))
  form.addEventListener('input', (event) => changed(event, quietMs))

  // Left in the middle of an answer, also by the exit: the browser sends it after the page has gone. A session that is
  // locked by then keeps it, as it does with every form.
  window.addEventListener('pagehide', () => {
    const items = new Set([...sending, ...waiting])
    if (items.size === 0 || form.dataset.sent === 'yes') return
    sendAfterwards(address, bodyOf(items))
  })
}

// --- What is typed into a long form is kept ----------------------------------------------------------------------

for (const form of document.querySelectorAll('form[data-keep]')) {
  let timer
  let changed = false
  let underway = Promise.resolve()

  const body = () => new URLSearchParams(new FormData(form))

  async function keep() {
    clearTimeout(timer)
    if (!changed) return
    changed = false
    try {
      await fetch(form.dataset.keep, {
        method: 'POST',
        headers: { Accept: 'application/json' },
        body: body(),
        signal: AbortSignal.timeout(patienceMs),
      })
      // A refusal will not change by asking again; the form itself is still here, and is kept when it is sent.
    } catch {
      changed = true
      timer = setTimeout(start, retryMs)
    }
  }

  function start() {
    underway = underway.then(keep)
  }

  form.addEventListener('input', () => {
    changed = true
    delete form.dataset.sent
    clearTimeout(timer)
    timer = setTimeout(start, quietMs)
  })

  // What is kept must not come after what is saved.
  settleOf.set(form, () => {
    clearTimeout(timer)
    changed = false
    return underway
  })

  window.addEventListener('pagehide', () => {
    if (changed && form.dataset.sent !== 'yes') sendAfterwards(form.dataset.keep, body())
  })
}
