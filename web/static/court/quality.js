/**
 * How good the own line is, from the browser's own figures every two seconds.
 * Rule: three words for the person (good, weak, bad), figures for the court's technicians.
 */

/** @typedef {'good' | 'weak' | 'bad'} Quality */

/** @type {WeakMap<RTCPeerConnection, Map<string, {lost: number, got: number, frames: number}>>} */
const before = new WeakMap();
/** @type {WeakMap<RTCPeerConnection, {bytes: number, at: number}>} */
const carried = new WeakMap();

/**
 * Bits a second since the last call; null the first time.
 * @param {RTCPeerConnection} connection
 * @param {number} bytes so far
 * @returns {number | null}
 */
function rate(connection, bytes) {
  const [last, at] = [carried.get(connection), performance.now()];
  carried.set(connection, {bytes, at});
  return last && at > last.at ? Math.max(0, Math.round((bytes - last.bytes) * 8000 / (at - last.at))) : null;
}

/**
 * @param {{rtt: number, loss: number, outgoing: number | null}} figures
 * @returns {Quality}
 */
export function judge({rtt, loss, outgoing}) {
  if (rtt > 0.8 || loss > 0.12 || (outgoing !== null && outgoing < 60_000)) return 'bad';
  if (rtt > 0.4 || loss > 0.04 || (outgoing !== null && outgoing < 180_000)) return 'weak';
  return 'good';
}

/**
 * @param {RTCPeerConnection | null} pub
 * @param {RTCPeerConnection | null} sub
 * @returns {Promise<{quality: Quality, report: Record<string, number | null>, weak: string[]} | null>}
 */
export async function measure(pub, sub) {
  const figures = {rtt: 0, loss: 0, outgoing: /** @type {number | null} */ (null)};
  /** @type {string[]} */
  const weak = [];
  let alive = false;
  /** @type {Record<string, number | null>} */
  const rates = {};
  if (pub?.connectionState === 'connected') {
    alive = true;
    let bytes = 0;
    for (const stat of (await pub.getStats()).values()) {
      if (stat.type === 'outbound-rtp') bytes += stat.bytesSent ?? 0;
      if (stat.type === 'candidate-pair' && stat.nominated) {
        figures.rtt = Math.max(figures.rtt, stat.currentRoundTripTime ?? 0);
        figures.outgoing = stat.availableOutgoingBitrate ?? null;
      }
      if (stat.type === 'remote-inbound-rtp') figures.loss = Math.max(figures.loss, stat.fractionLost ?? 0);
    }
    rates.sending_bps = rate(pub, bytes);
  }
  if (sub?.connectionState === 'connected') {
    alive = true;
    const last = before.get(sub) ?? new Map();
    before.set(sub, last);
    let bytes = 0;
    for (const stat of (await sub.getStats()).values()) {
      if (stat.type === 'candidate-pair' && stat.nominated) figures.rtt = Math.max(figures.rtt, stat.currentRoundTripTime ?? 0);
      if (stat.type !== 'inbound-rtp') continue;
      bytes += stat.bytesReceived ?? 0;
      const then = last.get(stat.id);
      const now = {lost: stat.packetsLost ?? 0, got: stat.packetsReceived ?? 0, frames: stat.framesDecoded ?? 0};
      last.set(stat.id, now);
      if (!then) continue;
      const got = now.got - then.got;
      if (got > 20) figures.loss = Math.max(figures.loss, Math.max(0, now.lost - then.lost) / (got + Math.max(0, now.lost - then.lost)));
      if (stat.kind === 'video' && got > 0 && now.frames - then.frames < 6) weak.push(stat.mid);
    }
    rates.receiving_bps = rate(sub, bytes);
  }
  if (!alive) return null;
  const quality = judge(figures);
  return {
    quality, weak,
    report: {...rates, rtt_ms: Math.round(figures.rtt * 1000), loss: Math.round(figures.loss * 1000) / 1000, outgoing_bps: figures.outgoing},
  };
}
