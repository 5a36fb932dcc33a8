/**
 * How to listen to Homeroom: the official Socket.IO client, and what it takes to lose nothing and show nothing twice.
 *
 * The rules, in the order in which they matter:
 *
 * 1. A lasting event carries `seq`. Each user's numbers are 1, 2, 3, … without a gap, whichever server the events
 *    come through. What arrives over the socket is a hint; the truth is what `sync` answers.
 * 2. `seq <= lastSeq`: seen already, drop it. `seq == lastSeq + 1`: handle it. Anything later: hold it, ask `sync`.
 * 3. Ask `sync` after every connect, the first one too: nobody knows what was missed meanwhile.
 * 4. Events without `seq` (typing, presence, badge, class:live, session:expiring) are about this moment. Show the
 *    newest; nothing repeats them.
 * 5. A message is sent under a `client_id` that you choose once. Sending it again after a lost answer is safe: the
 *    server answers the message it already has.
 *
 * It runs in browsers and under Node: whoever makes a client passes the library's `io` in.
 */

const ACK_MILLISECONDS = 10_000;
const SYNC_PAUSE_MILLISECONDS = 1_000;
const SEND_TRIES = 8;

export class HomeroomClient {
    /**
     * @param {Function} io          `io` of socket.io-client
     * @param {string} url           where the sockets are, e.g. `https://school.example`
     * @param {object} options
     * @param {() => Promise<string>} options.getToken   a fresh access token; called for every connection
     * @param {(name: string, data: object) => void} options.onEvent   each event once, lasting ones in order
     * @param {(nextSeq: number) => void} [options.onResync]   what you missed is no longer kept: load the pages anew
     * @param {(state: string, detail: object) => void} [options.onState]   connected, synced, away, refused, ended
     * @param {number} [options.lastSeq]   the last number you handled and stored, 0 for a new client
     * @param {object} [options.io]   further options of the Socket.IO client
     */
    constructor(io, url, { getToken, onEvent, onResync = () => {}, onState = () => {}, lastSeq = 0, io: more = {} }) {
        this.lastSeq = lastSeq;
        this.held = new Map(); // events that came before their turn, by number
        this.syncing = null;
        Object.assign(this, { getToken, onEvent, onResync, onState });
        this.socket = io(url, {
            transports: ["websocket"], // the servers offer nothing else, and so need no sticky sessions
            // Without a token the server refuses us with a code, which is easier to handle than a lost promise.
            auth: (give) => this.getToken().then((token) => give({ token }), () => give({})),
            reconnectionDelay: 500,
            reconnectionDelayMax: 10_000,
            randomizationFactor: 0.5, // a school whose server restarted must not come back in one instant
            ...more,
        });
        this.socket.on("connect", () => this.#onConnect());
        this.socket.on("connect_error", (error) => this.#onRefusal(error));
        this.socket.on("disconnect", (reason) => this.#onDisconnect(reason));
        this.socket.onAny((name, data) => this.#onEvent(name, data));
    }

    /** Send an event and return its acknowledgement: `{ok: true, data}` or `{ok: false, error: {code, message}}`. */
    ask(event, data) {
        return this.socket.timeout(ACK_MILLISECONDS).emitWithAck(event, data);
    }

    /** Send a message so that it arrives once, however often the connection breaks on the way. */
    async sendMessage(conversationId, body, clientId = crypto.randomUUID()) {
        const request = { conversation_id: conversationId, body, client_id: clientId };
        for (let tries = 1; ; tries++) {
            try {
                return await this.ask("message:send", request);
            } catch (noAnswer) {
                if (tries === SEND_TRIES) throw noAnswer;
            }
        }
    }

    close() {
        this.socket.disconnect();
    }

    #onConnect() {
        this.onState("connected", { id: this.socket.id });
        return this.#catchUp();
    }

    /**
     * A refusal has a `code`; trouble on the way has none, and the library tries again by itself.
     * It does not after a refusal, and whether to depends on the code: `invalid_token` and `session_ended` need a new
     * sign-in, `unavailable` and `too_many_connections` need patience.
     */
    #onRefusal(error) {
        const code = error.data?.code ?? null;
        const willRetry = this.socket.active;
        this.onState(willRetry ? "away" : "refused", { code, message: error.message });
    }

    /** The library reconnects unless the server hung up: then the token has ended or the session was revoked. */
    #onDisconnect(reason) {
        this.onState(this.socket.active ? "away" : "ended", { reason });
    }

    async #onEvent(name, data) {
        if (name === "session:expiring") this.#refresh();
        if (!Number.isInteger(data?.seq)) return this.onEvent(name, data);
        if (data.seq <= this.lastSeq) return;
        this.held.set(data.seq, { name, data });
        this.#drain();
        if (this.held.size > 0) await this.#catchUp();
    }

    /** Handle what is held as far as there is no gap. */
    #drain() {
        for (const seq of this.held.keys()) if (seq <= this.lastSeq) this.held.delete(seq);
        for (let next; (next = this.held.get(this.lastSeq + 1)) !== undefined; ) {
            this.held.delete(this.lastSeq + 1);
            this.lastSeq += 1;
            this.onEvent(next.name, next.data);
        }
    }

    /** Ask `sync` until nothing is missing; at most one such conversation at a time. */
    #catchUp() {
        this.syncing ??= this.#syncUntilWhole().finally(() => (this.syncing = null));
        return this.syncing;
    }

    async #syncUntilWhole() {
        while (this.socket.connected) {
            const { answer, more } = await this.#syncOnce();
            if (answer === null) {
                await new Promise((wake) => setTimeout(wake, SYNC_PAUSE_MILLISECONDS));
            } else if (!more && this.held.size === 0) {
                return this.onState("synced", { seq: this.lastSeq });
            }
        }
    }

    /** One page of up to 500 events. `answer` null: none came, or the server asks for patience. */
    async #syncOnce() {
        const answer = await this.ask("sync", { after_seq: this.lastSeq }).catch(() => null);
        if (answer?.error?.code === "resync_required") {
            this.lastSeq = answer.error.next_seq;
            this.onResync(this.lastSeq);
        } else if (!answer?.ok) {
            return { answer: null, more: true };
        }
        for (const { name, ...data } of answer.data?.events ?? []) {
            if (data.seq > this.lastSeq) this.held.set(data.seq, { name, data });
        }
        this.#drain();
        return { answer, more: answer.data?.more ?? true };
    }

    /** A minute before the token ends: live on with a new one, on the same connection. */
    async #refresh() {
        const answer = await this.ask("session:refresh", { token: await this.getToken() }).catch(() => null);
        this.onState(answer?.ok ? "refreshed" : "not_refreshed", answer ?? {});
    }
}
