// The connection to the kernel: one store for each model, and greetings until the kernel answers.

const GREETING = 1000; // milliseconds between two greetings
const MAX_PAUSE = 10_000; // and at most, where the kernel does not answer
const SILENCE = 5; // greetings' time in which a run in training is expected to be heard of

const stores = new WeakMap();

/** The store of a model: anywidget hands out a proxy of it each time, so its words are the key. */
function storeOf(model) {
  const key = model.get("words");
  if (!stores.has(key)) {
    const store = new Store();
    stores.set(key, store);
    keepInTouch(model, store);
  }
  return stores.get(key);
}

const randomNumber = () => crypto.getRandomValues(new Uint32Array(1))[0];

/**
 * Say that this page is there until it is welcomed, which a busy kernel may not do at once; and say
 * it again where a message was missed, or where nothing is heard of a run in training.
 */
function keepInTouch(model, store) {
  let [greeting, watch, quiet, wasWelcomed] = [null, null, 0, false];
  const rest = () => {
    clearTimeout(greeting);
    greeting = null;
  };
  const end = () => {
    rest();
    clearInterval(watch);
    watch = null;
  };
  const greet = () => {
    if (greeting !== null) return;
    const page = String(randomNumber());
    let pause = GREETING;
    const say = () => {
      greeting = setTimeout(say, pause);
      pause = Math.min(2 * pause, MAX_PAUSE); // a busy kernel hears all of them in the end
      try {
        model.send({ kind: "here", page, has: store.isIncomplete ? -1 : store.number });
      } catch { // the page has let go of this kernel
        end();
        store.set({ isDisconnected: true });
      }
    };
    say();
  };
  const tick = () => { // counted, not timed: a page that was frozen has heard nothing either
    quiet += 1;
    if (quiet < SILENCE) return;
    greet();
    if (quiet >= 2 * SILENCE && !store.isSilent) store.set({ isSilent: true });
  };
  model.on("msg:custom", (content, buffers) => {
    quiet = 0;
    store.isSilent = false;
    if (content.kind === "welcome") {
      wasWelcomed = true;
      rest();
    }
    if (content.kind === "call") model.send({ kind: "answer" });
    store.take(content, buffers);
    if (content.kind !== "frame") return;
    if (store.isIncomplete) greet();
    else if (wasWelcomed) rest(); // it is heard of again, and nothing is missing
    if (store.head.state === "running" && !store.isDisconnected) {
      watch ??= setInterval(tick, GREETING);
    } else {
      clearInterval(watch);
      watch = null;
    }
  });
  model.on("comm_live_update", () => {
    end();
    store.set({ isDisconnected: true });
  });
  model.on("destroy", end);
  greet();
}
