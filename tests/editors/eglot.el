;;; emacs -Q --batch -l eglot.el: whether there is an eglot, of Emacs itself or of Debian's package.
(let ((default-directory "/usr/share/emacs/site-lisp/elpa/"))
  (when (file-directory-p default-directory) (normal-top-level-add-subdirs-to-load-path)))
(require 'eglot)
