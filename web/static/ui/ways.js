/**
 * Which ways this network leaves open to sound and picture: straight to the court, and over its relay by UDP, TCP, TLS.
 * Rule: every way is really gone, to the answering media process and back; nothing is guessed from settings. Nothing is
 * sent but the greeting of a connection, and each connection is closed again.
 */

/** @typedef {'direct' | 'udp' | 'tcp' | 'tls'} Way */
/** `open`: went there and back. `blocked`: nothing came back. `broken`: the relay answers, but cannot or will not serve. */
/** @typedef {'open' | 'blocked' | 'broken'} Outcome */
/** @typedef {{address: string, port: string}} Place */
/** @typedef {{way: Way, outcome: Outcome, ms: number, places: Place[]}} Result */

/** A browser gives up an address after about half as long; whoever is slower could not hold a hearing anyway. */
export const WITHIN_MS = 9000;
/** RFC 8656, 18: no credential, or a wrong or old one; the quota is used up. */
const REFUSALS = [400, 401, 403, 437, 438, 441, 486, 508];

/** The court could not be asked: it is busy, or the person must sign in again. */
export class NotTried extends Error {}

/**
 * Try everything at once. `told` is called with each result as it comes.
 * @param {(result: Result) => void} told
 * @param {(ways: Way[]) => void} begun
 * @returns {Promise<Result[]>}
 */
export async function tryWays(begun, told) {
  const {processes, relays} = await ask('/device-check/ways');
  if (!processes) throw new NotTried();
  const ways = /** @type {Way[]} */ (['direct', ...Object.keys(relays)]);
  begun(ways);
  return Promise.all(ways.map(async (way) => {
    const result = way === 'direct' ? await straight(processes) : await relayed(way, relays[way]);
    told(result);
    return result;
  }));
}

/** Every media process has a port of its own, and any of them may hold the hearing: all must be open.
 * @param {number} processes
 * @returns {Promise<Result>} */
async function straight(processes) {
  const numbers = Array.from({length: processes}, (_, number) => number);
  const tried = await Promise.all(numbers.map((number) => go(number, {})));
  const shut = tried.filter((one) => one.outcome !== 'open');
  return {
    way: 'direct', outcome: shut.length ? 'blocked' : 'open', ms: Math.max(...tried.map((one) => one.ms)),
    places: (shut.length ? shut : tried).flatMap((one) => one.places),
  };
}

/**
 * @param {Way} way
 * @param {RTCIceServer[]} servers
 * @returns {Promise<Result>}
 */
async function relayed(way, servers) {
  const {outcome, ms} = await go(0, {iceServers: servers, iceTransportPolicy: 'relay'});
  const urls = servers.flatMap((one) => one.urls);
  return {way, outcome, ms, places: urls.map(placeOf)};
}

/**
 * One connection, from the offer to the finished handshake.
 * @param {number} process
 * @param {RTCConfiguration} configuration
 * @returns {Promise<{outcome: Outcome, ms: number, places: Place[]}>}
 */
async function go(process, configuration) {
  const connection = new RTCPeerConnection({bundlePolicy: 'max-bundle', ...configuration});
  let relay = false;
  let refused = false;
  connection.addEventListener('icecandidate', ({candidate}) => {
    relay ||= candidate?.type === 'relay';
  });
  connection.addEventListener('icecandidateerror', (event) => {
    refused ||= REFUSALS.includes(/** @type {RTCPeerConnectionIceErrorEvent} */ (event).errorCode);
  });
  try {
    connection.addTransceiver('audio', {direction: 'recvonly'});
    await connection.setLocalDescription(await connection.createOffer());
    const {sdp} = await ask('/device-check/probe', {process, sdp: connection.localDescription?.sdp});
    const since = performance.now();
    const done = connected(connection);
    await connection.setRemoteDescription({type: 'answer', sdp});
    const outcome = await done ? 'open' : relay || refused ? 'broken' : 'blocked';
    return {outcome, ms: Math.round(performance.now() - since), places: candidates(sdp)};
  } finally {
    connection.close();
  }
}

/** @param {RTCPeerConnection} connection @returns {Promise<boolean>} */
function connected(connection) {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(false), WITHIN_MS);
    connection.addEventListener('connectionstatechange', () => {
      const state = connection.connectionState;
      if (state !== 'connected' && state !== 'failed') return;
      clearTimeout(late);
      resolve(state === 'connected');
    });
  });
}

/**
 * @param {string} address
 * @param {unknown} [body]
 */
async function ask(address, body) {
  /** @type {RequestInit} */
  const options = {cache: 'no-store', credentials: 'same-origin', redirect: 'error'};
  if (body) Object.assign(options, {method: 'POST', body: JSON.stringify(body), headers: {'Content-Type': 'application/json'}});
  const answer = await fetch(address, options);
  if (!answer.ok) throw new NotTried(String(answer.status));
  return answer.json();
}

/**
 * Where the media process may be reached, as an administrator writes it: the address of this page first, if it is one.
 * @param {string} sdp
 * @returns {Place[]}
 */
function candidates(sdp) {
  const found = [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gm)]
    .filter(([, address]) => !address.startsWith('127.') && address !== '::1');
  const here = location.hostname.replace(/^\[|\]$/g, '');
  const mine = found.filter(([, address]) => address === here);
  return (mine.length ? mine : found).map(([, address, port]) => ({address, port}));
}

/** @param {string} url of a TURN server (RFC 7065) @returns {Place} */
function placeOf(url) {
  const [, scheme, host, port] = /^(turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?/.exec(url) ?? [];
  return {address: (host ?? url).replace(/^\[|\]$/g, ''), port: port ?? (scheme === 'turns' ? '5349' : '3478')};
}

/**
 * What the results mean for a hearing.
 * @param {Result[]} results
 * @returns {'direct' | 'relayed' | 'broken' | 'none'}
 */
export function meaning(results) {
  const open = results.filter((one) => one.outcome === 'open').map((one) => one.way);
  if (open.includes('direct')) return 'direct';
  if (open.length) return 'relayed';
  return results.some((one) => one.outcome === 'broken') ? 'broken' : 'none';
}
