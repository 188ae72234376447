const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;

/** What the workspace pushes to one person, with reconnecting. `onEvent(event)`, `onOpen(again)`, `onLost()`. */
export class Live {
  #wait = FIRST_WAIT;
  #before = false;

  constructor(user, { onEvent, onOpen, onLost }) {
    this.user = user;
    this.onEvent = onEvent;
    this.onOpen = onOpen;
    this.onLost = onLost;
  }

  start() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/page/live?user=${encodeURIComponent(this.user)}`);
    socket.addEventListener("open", () => {
      this.#wait = FIRST_WAIT;
      this.onOpen(this.#before);
      this.#before = true;
    });
    socket.addEventListener("message", (message) => this.onEvent(JSON.parse(message.data)));
    socket.addEventListener("close", () => this.#again());
  }

  #again() {
    this.onLost();
    setTimeout(() => this.start(), this.#wait);
    this.#wait = Math.min(LONGEST_WAIT, this.#wait * 2);
  }
}
