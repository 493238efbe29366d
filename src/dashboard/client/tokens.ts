/** To load the page again must not mint another token: the form is forgotten, and the page is the list. */
if (document.querySelector("[data-once]")) {
  history.replaceState(null, "", location.pathname);
}
