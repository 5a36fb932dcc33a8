/**
 * Drives the client of the demo (ops/demo/live) from another program: one JSON object a line in, one a line out.
 *
 *     in   {"id": 1, "do": "connect", "url": …, "tokens": […], "last_seq": 0, "options": {…}}
 *                                                  each connection and refresh takes the next token, or the last again
 *          {"id": 2, "do": "ask", "event": "sync", "data": {"after_seq": 0}}
 *          {"id": 3, "do": "send", "conversation_id": …, "body": …, "client_id": …}
 *          {"id": 4, "do": "cut"}                  lose the connection without a farewell, as a phone in a tunnel does
 *          {"id": 5, "do": "close"}
 *     out  {"id": 2, "answer": {…}}                what came of a line
 *          {"heard": "grade:updated", "data": {…}} each event, as the client hands it over
 *          {"raw": "grade:updated", "seq": 7}      each event with a number, as it came over the wire
 *          {"state": "connected", "detail": {…}}
 */

import { createInterface } from "node:readline";

import { io } from "socket.io-client";

import { HomeroomClient } from "../../ops/demo/live/homeroom_client.mjs";

let client = null;
let tokens = [];

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

function connect({ url, tokens: given, last_seq: lastSeq, options }) {
    tokens = given;
    client = new HomeroomClient(io, url, {
        getToken: async () => (tokens.length > 1 ? tokens.shift() : tokens[0]),
        onEvent: (heard, data) => say({ heard, data }),
        onResync: (seq) => say({ state: "resync", detail: { seq } }),
        onState: (state, detail) => say({ state, detail }),
        lastSeq,
        io: { forceNew: true, ...options },
    });
    client.socket.onAny((raw, data) => Number.isInteger(data?.seq) && say({ raw, seq: data.seq }));
}

const DEEDS = {
    connect,
    ask: (line) => client.ask(line.event, line.data),
    send: (line) => client.sendMessage(line.conversation_id, line.body, line.client_id),
    cut: () => void client.socket.io.engine.transport.ws.terminate(),
    close: () => client.close(),
};

createInterface({ input: process.stdin })
    .on("line", async (text) => {
        const line = JSON.parse(text);
        try {
            say({ id: line.id, answer: (await DEEDS[line.do](line)) ?? null });
        } catch (error) {
            say({ id: line.id, failed: String(error) });
        }
    })
    .on("close", () => process.exit(0));
