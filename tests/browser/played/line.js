/**
 * A line without a court, for tests of the page: says one fixture's view and remembers what was asked.
 * `window.line` lets a test play the court: `say(change)`, `asked`, `answer`, `cut()`, `restore()`.
 */

const faces = {
  presiding: ['#6b4a33', '#e7bfa0', '#1a1513'], procurator: ['#5f6d64', '#dba883', '#1a1513'],
  defendant: ['#8d9b94', '#cd9a6b', '#1a1513'], counsel: ['#7b8594', '#e4b897', '#1a1513'],
  victim: ['#a89c89', '#e4b897', '#1a1513'], clerk: ['#7a5a45', '#ecc7a5', '#1a1513'],
  officer: ['#8a9285', '#cd9a6b', '#1a1513'], witness: ['#8a8f96', '#cd9a6b', '#1a1513'],
};

/** A drawn person as a picture that a camera could have sent. */
function picture(name) {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = name === 'presiding' ? [960, 360] : [480, 360];
  const pen = canvas.getContext('2d');
  const [ground, skin, hair] = faces[name] ?? faces.defendant;
  const draw = () => {
    pen.fillStyle = ground;
    pen.fillRect(0, 0, canvas.width, canvas.height);
    const heads = name === 'presiding' ? [240, 480, 720] : [240];
    for (const x of heads) {
      const k = name === 'presiding' ? 0.6 : 1;
      pen.fillStyle = '#3a4656';
      pen.beginPath();
      pen.ellipse(x, 390, 130 * k, 150 * k, 0, 0, 7);
      pen.fill();
      pen.fillStyle = hair;
      pen.beginPath();
      pen.ellipse(x, 190 + 60 * (1 - k), 74 * k, 92 * k, 0, 0, 7);
      pen.fill();
      pen.fillStyle = skin;
      pen.beginPath();
      pen.ellipse(x, 212 + 60 * (1 - k), 62 * k, 80 * k, 0, 0, 7);
      pen.fill();
      pen.fillStyle = hair;
      for (const side of [-24, 24]) {
        pen.beginPath();
        pen.arc(x + side * k, 205 + 60 * (1 - k), 5 * k, 0, 7);
        pen.fill();
      }
    }
  };
  draw();
  setInterval(draw, 500);
  return canvas.captureStream(2);
}

if (!new URLSearchParams(location.search).has('devices')) {
  navigator.mediaDevices.getUserMedia = async () => {
    const sound = new AudioContext().createMediaStreamDestination().stream;
    const welcome = await known;
    const stream = picture(welcome.view.you.seat);
    for (const track of sound.getAudioTracks()) stream.addTrack(track);
    return stream;
  };
}

const name = location.pathname.split('/')[2];
const known = fetch(`/fixtures/${name}.json`).then((answer) => answer.json());

class PlayedLine {
  connected = false;
  active = true;
  handlers = new Map();
  asked = [];
  signals = [];
  answer = {number: 1};
  seq = 0;
  io = {engine: {pingInterval: 600000, on() {}, close: () => this.cut()}};

  on(event, handler) {
    this.handlers.set(event, handler);
  }

  connect() {
    setTimeout(() => {
      this.connected = true;
      this.handlers.get('connect')();
    });
  }

  disconnect() {
    this.connected = false;
  }

  timeout() {
    return {emitWithAck: async (_event, body) => {
      this.asked.push(body);
      return this.answer;
    }};
  }

  async emit(event, body) {
    if (event === 'signal') this.signals.push(body);
    if (event !== 'hello') return;
    this.hello = body;
    this.last = structuredClone(await known);
    this.last.seq = ++this.seq;
    const ahead = Date.parse(this.last.clock.utc);
    this.handlers.get('welcome')(this.last);
    this.began = ahead;
    const stage = document.querySelector('court-stage');
    for (const source of this.last.view.sources) {
      if (source.kind === 'camera') stage.attach(source.id, picture(source.seats[0]));
    }
  }

  /** The court says something new: `change` alters a copy of the last view. */
  say(change, entry = {kind: 'NoteLogged', at: this.last.clock.utc, t_ms: this.last.clock.hearing_ms, by: 'court', body: {}}) {
    const view = structuredClone(this.last.view);
    change(view);
    this.last.view = view;
    this.handlers.get('entry')({seq: ++this.seq, entry, view});
  }

  signal(body) {
    this.handlers.get('signal')(body);
  }

  cut() {
    this.connected = false;
    this.handlers.get('disconnect')('transport close');
  }
}

export function io() {
  const line = new PlayedLine();
  window.line = line;
  return line;
}
