/** Sound for the device check: how loud the microphone is, and a bell to try the speaker with. */

/**
 * Call `follow(level)` about fifteen times a second with the loudness from 0 to 100.
 * @param {MediaStream} stream
 * @param {(level: number) => void} follow
 */
export function listen(stream, follow) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const decibel = 10 * Math.log10(sum / samples.length + 1e-12);
    // -60 dB is a quiet room, -12 dB a voice close to the microphone.
    follow(Math.max(0, Math.min(100, ((decibel + 60) / 48) * 100)));
  }, 66);
  return {
    stop() {
      clearInterval(timer);
      context.close();
    },
  };
}

/** Two soft bell tones; resolves when they have sounded. */
export async function ring() {
  const context = new AudioContext();
  await context.resume();
  for (const [frequency, from] of [[660, 0], [880, 0.35]]) {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const start = context.currentTime + from;
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(0.25, start + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    tone.connect(loudness).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.65);
  }
  await new Promise((resolve) => setTimeout(resolve, 1050));
  await context.close();
}
