// Reading aloud, on the form that a person holds. Only by a voice of the device itself: any other would send the words
// away (ACC-43). Without one there is no button. Nothing is ever read by itself.
const main = document.querySelector('main')
const speech = window.speechSynthesis
const slow = 0.7

function localVoice() {
  const language = document.documentElement.lang
  const voices = speech.getVoices().filter((voice) => voice.localService)
  const same = (length) => voices.find(({ lang }) => lang.slice(0, length) === language.slice(0, length))
  return same(5) ?? same(2)
}

let isSlow = false

function say(texts) {
  speech.cancel()
  for (const text of texts) {
    const utterance = new window.SpeechSynthesisUtterance(text)
    utterance.voice = localVoice()
    utterance.lang = document.documentElement.lang
    utterance.rate = isSlow ? slow : 1
    speech.speak(utterance)
  }
}

const textOf = (element) => element.textContent.trim()

function button(text, press) {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'app-speech__button'
  made.textContent = text
  made.addEventListener('click', press)
  return made
}

function offer() {
  if (!localVoice() || document.querySelector('.app-speech')) return
  const bar = document.createElement('div')
  bar.className = 'app-speech'
  bar.append(
    button('Read to me', () => say([...main.querySelectorAll('[data-say]')].map(textOf))),
    button('Be quiet', () => speech.cancel()),
  )
  const pace = button('Slow', () => {
    isSlow = !isSlow
    pace.setAttribute('aria-pressed', String(isSlow))
  })
  pace.setAttribute('aria-pressed', 'false')
  bar.append(pace)
  main.prepend(bar)
  // Each answer by itself as well.
  for (const answer of main.querySelectorAll('.app-answer')) {
    const word = textOf(answer.querySelector('[data-say]'))
    const one = button('Read', () => say([word]))
    one.setAttribute('aria-label', `Read ${word}`)
    answer.append(one)
  }
}

if (speech && main?.dataset.speech === 'yes') {
  offer()
  // Voices come late on most devices.
  speech.addEventListener?.('voiceschanged', offer)
  window.addEventListener('pagehide', () => speech.cancel())
}
