/** Reads a part of the page aloud with the device's own voice; the button is shown only where there is one. */

for (const box of document.querySelectorAll('[data-read-aloud]')) {
  const source = document.getElementById(box.getAttribute('data-read-aloud') ?? '');
  const button = box.querySelector('button');
  if (!source || !button || !('speechSynthesis' in window)) continue;
  const language = document.documentElement.lang;
  const offer = () => {
    // A voice of another language would read Vietnamese as noise.
    const voice = speechSynthesis.getVoices().find((each) => each.lang.toLowerCase().startsWith(language));
    if (!voice) return;
    /** @type {HTMLElement} */ (box).hidden = false;
    button.onclick = () => {
      speechSynthesis.cancel();
      for (const line of source.querySelectorAll('li')) {
        const words = new SpeechSynthesisUtterance(line.textContent?.replace(/\s+/g, ' ').trim());
        words.voice = voice;
        words.lang = voice.lang;
        words.rate = 0.9;
        speechSynthesis.speak(words);
      }
    };
  };
  offer();
  speechSynthesis.addEventListener('voiceschanged', offer);
  addEventListener('pagehide', () => speechSynthesis.cancel());
}
