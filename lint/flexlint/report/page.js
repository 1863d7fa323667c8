(function () {
  "use strict";
  var form = document.getElementById("filters");
  var count = document.getElementById("shown");
  var articles = Array.prototype.slice.call(document.querySelectorAll("article"));
  if (!form || !count) { return; }
  function chosen(name) {
    return Array.prototype.map.call(form.querySelectorAll("input[name=" + name + "]:checked"), function (box) {
      return box.value;
    });
  }
  function apply() {
    var severities = chosen("severity"), verdicts = chosen("verdict");
    var text = form.elements.namedItem("text").value.toLowerCase().trim();
    var shown = 0;
    articles.forEach(function (article) {
      var fits = severities.indexOf(article.dataset.severity) >= 0 && verdicts.indexOf(article.dataset.verdict) >= 0 &&
        (!text || article.textContent.toLowerCase().indexOf(text) >= 0);
      article.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    count.textContent = shown + " of " + articles.length + " shown";
  }
  form.hidden = false;
  form.addEventListener("input", apply);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.open = true; });
  });
  apply();
}());
