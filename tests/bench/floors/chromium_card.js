// Peer of the card: an app window of Chromium, open already, fed by node: POST -> SSE -> DOM.
//
//     node tests/bench/floors/chromium_card.js
//
// What a rival built on a browser engine does at best: nothing is journalled or looked up,
// and the window is never hidden, only its content changes. Prints the port, then "ready"
// once the page listens.

"use strict";

const http = require("http");

const PAGE = `<!doctype html><meta charset="utf-8"><title>card</title>
<body style="margin:0;background:#fff;font:16px sans-serif">
<div id="card" style="display:none;width:360px;height:160px;background:#246">
<p id="name" style="color:#fff"></p><p>Example Ltd</p><p>Line</p>
<button>Open</button><button>Copy</button><button>Note</button></div>
<script>
const card = document.getElementById("card");
new EventSource("/events").onmessage = (event) => {
  const name = JSON.parse(event.data).name;
  document.getElementById("name").textContent = name;
  card.style.display = name ? "block" : "none";
};
</script>`;

let page = null;
const say = (facts) => process.stdout.write(JSON.stringify(facts) + "\n");

const server = http.createServer((request, response) => {
  if (request.url === "/events") {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write(": hello\n\n");
    page = response;
    say({ ready: true });
  } else if (request.method === "POST") {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const name = request.url === "/hide" ? "" : `Caller ${Date.now()}`;
      if (page) page.write(`data: ${JSON.stringify({ name })}\n\n`);
      response.writeHead(204, { Connection: "close" });
      response.end();
    });
  } else {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(PAGE);
  }
});

server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
