/**
 * The shapes that travel through the live page. Types only: nothing here runs.
 * Rule: `View` is what the court sent and is shown as it came.
 *
 * @typedef {object} Seat
 * @property {string} id
 * @property {string} [person]
 * @property {string} role
 * @property {string} point
 * @property {string} place
 * @property {boolean} connected
 * @property {string | number | null} since
 * @property {'open' | 'self_muted' | 'court_muted' | 'locked' | null} microphone
 * @property {string | null} hand
 * @property {boolean} mandatory
 * @property {'present' | 'absent' | null} roll
 * @property {boolean} papers
 * @property {boolean} oral
 * @property {boolean} duties
 * @property {string | null} [accompanies]
 *
 * @typedef {object} Source
 * @property {string} id
 * @property {string[]} seats
 * @property {'microphone' | 'camera' | 'screen' | 'document_camera' | 'interpretation'} kind
 * @property {string} point
 *
 * @typedef {object} You
 * @property {string} seat
 * @property {string} role
 * @property {string} place
 * @property {string} point
 * @property {'open' | 'self_muted' | 'court_muted' | 'locked'} microphone
 * @property {string | null} hand
 * @property {boolean} duties_accepted
 * @property {boolean} holds_floor
 * @property {boolean} answering
 * @property {number | null} enters_at_ms
 * @property {string} guide        key of the sentence: where the hearing is
 * @property {string} guide_may    key of the sentence: what this person may do
 *
 * @typedef {object} View
 * @property {{id: string, case: string, court: string, pack: string, procedure: string, mode: string,
 *   visibility: string, courtroom: string, starts_at: string}} hearing
 * @property {'scheduled' | 'doors_open' | 'in_session' | 'interrupted' | 'closed' | 'adjourned' | 'ended'} stage
 * @property {string} phase
 * @property {{code: string, article: string, state: 'done' | 'now' | 'later'}[]} phases
 * @property {{kind: string, since: string | number, reason: string, until: string | number | null} | null} interruption
 * @property {{on: boolean, since: string | number | null}} recording
 * @property {You} you
 * @property {Seat[]} seats
 * @property {{id: string, kind: string, host: string, place_text: string}[]} points
 * @property {{seat: string, answering: string | null, purpose: string, since: string | number} | null} floor
 * @property {{seat: string, reason: string, text: string, at: string | number}[]} hands
 * @property {{code: string, state: 'open' | 'done' | 'waived', reason: string}[]} checklist
 * @property {{phase: string, open_items: string[] | number}[]} next_phases
 * @property {string[]} order      who asks or speaks in this phase, in the order of the law
 * @property {Source[]} sources
 * @property {{id: string, reason: string, since: string | number}[]} alarms
 * @property {{id: string, text: string, about: string | null, t_ms: number, by: string}[]} notes
 * @property {Record<string, string[]>} allowed
 *
 * @typedef {object} State
 * @property {View} view
 * @property {Record<string, {name: string, title: string}>} people
 * @property {{hearing_ms: number, utc: string} | null} clock
 * @property {number} now          UTC ms by the court's clock
 * @property {'connecting' | 'open' | 'reconnecting' | 'moved' | 'refused'} connection
 * @property {number | null} lostAt UTC ms since when the connection is lost
 * @property {MediaState} media
 * @property {{kind: string, at: string | number, t_ms: number, by: string, body: Record<string, unknown>}[]} log
 * @property {Draft[]} drafts      notes that the court has not acknowledged yet
 * @property {ReadonlySet<string>} pending  wishes on their way, as `Command:target`
 * @property {Page} page           what the server wrote into the page
 * @property {import('./words.js').Words} words
 * @property {string} panel        the tab in view on small screens
 * @property {{text: string, speaker: string}[]} captions
 * @property {boolean} captionsOn
 * @property {Record<string, LineReport> | null} lines  everybody's connection, when the court tells this page
 * @property {number} linesAt      when it told last, UTC ms
 * @property {boolean} noCapacity  the court has no room for this person's sound and picture yet
 *
 * @typedef {object} LineReport
 * @property {'connected' | 'waiting' | 'none'} state
 * @property {number} age_s        of the figures
 * @property {Record<string, number>} figures
 *
 * @typedef {object} MediaState
 * @property {'unasked' | 'asking' | 'ready' | 'denied' | 'none' | 'busy' | 'insecure' | 'failed'} devices
 * @property {'off' | 'connecting' | 'connected' | 'failed'} publishing
 * @property {'good' | 'weak' | 'bad' | null} quality
 * @property {boolean} microphone  a microphone is open on this device
 * @property {boolean} camera      a camera is open on this device
 * @property {boolean} cameraOn
 * @property {boolean} soundBlocked
 * @property {'off' | 'small' | null} limited  what the own line leaves of the pictures of others
 * @property {boolean} sharing
 * @property {boolean} blocked     sound or picture does not get through, although the line to the court is open
 * @property {number} badSince     since when the own line has been very weak, UTC ms; 0 when it is not
 * @property {boolean} failing     the own sound and picture could not be connected; it is being tried again
 *
 * @typedef {object} Draft
 * @property {string} note
 * @property {string} text
 * @property {string | null} about
 * @property {number | null} said_at_ms
 * @property {'sending' | 'sent' | 'unsent'} state
 *
 * @typedef {object} Page
 * @property {string} hearing
 * @property {string} number       the case number
 * @property {string} title
 * @property {string} court
 * @property {string} timezone
 * @property {Record<string, string>} links
 */
export {};
