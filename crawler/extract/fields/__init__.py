"""The fields beside the text: title, time of publication, authors."""
