"""The live view in the browser, and the Keras callback that shows it while `fit` runs."""
