/**
 * What a page hears and sees, noted in the page itself: every picture, every beep, every tenth of a second of sound.
 * Reads the tracks the browser delivers, whichever connection they come by; nothing of the page's own code is asked.
 * Times are milliseconds since 1970, which two pages on one machine share.
 */
(() => {
  if (window.noted) return;
  const LOUD = 0.05, PAUSE_MS = 300;
  const now = () => performance.timeOrigin + performance.now();
  const noted = window.noted = {pictures: [], beeps: [], said: [], sound: []};
  const watched = new WeakSet();

  async function read(track, take) {
    const copy = track.clone();
    copy.enabled = true; // whether the page has it muted at this moment is its own affair
    const reader = new MediaStreamTrackProcessor({track: copy}).readable.getReader();
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      take(value);
      value.close();
    }
  }

  /** Where a beep begins: the first loud sample after a pause. `early`: the piece is still to be played, not recorded. */
  function beeps(track, list, early) {
    let loudAt = -Infinity;
    const samples = new Float32Array(8192);
    read(track, (data) => {
      const at = now();
      const count = Math.min(data.numberOfFrames, samples.length);
      data.copyTo(samples.subarray(0, count), {planeIndex: 0, frameCount: count, format: 'f32-planar'});
      for (let place = 0; place < count; place += 1) {
        if (Math.abs(samples[place]) < LOUD) continue;
        const moment = at + ((early ? place : place - count) / data.sampleRate) * 1000;
        if (moment - loudAt > PAUSE_MS) list.push(moment);
        loudAt = moment;
      }
    });
  }

  function look() {
    for (const stream of window.captured ?? []) for (const track of stream.getAudioTracks()) {
      if (watched.has(track)) continue;
      watched.add(track);
      beeps(track, noted.said, false);
    }
    for (const connection of window.connections) {
      if (connection.signalingState === 'closed') continue;
      for (const {receiver, currentDirection} of connection.getTransceivers()) {
        if (!receiver.track || currentDirection !== 'recvonly' || watched.has(receiver.track)) continue;
        watched.add(receiver.track);
        if (receiver.track.kind === 'video') read(receiver.track, () => noted.pictures.push(now()));
        else beeps(receiver.track, noted.beeps, true);
      }
    }
  }

  async function listen() {
    for (const connection of window.connections) {
      if (connection.connectionState !== 'connected') continue;
      for (const {receiver, currentDirection} of connection.getTransceivers()) {
        if (receiver.track?.kind !== 'audio' || currentDirection !== 'recvonly') continue;
        for (const row of (await receiver.getStats()).values()) if (row.type === 'inbound-rtp') noted.sound.push({
          at: now(), ssrc: row.ssrc, packets: row.packetsReceived, concealed: row.concealedSamples,
          total: row.totalSamplesReceived,
        });
      }
    }
  }

  look();
  setInterval(look, 50);
  setInterval(listen, 100);
})();
